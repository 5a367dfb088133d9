// Publishing in the mock: channels are made at once, films are taken in, and their torrents take two looks to make.
import type { Channel, FilmThere, Master, Offer, OwnChannel } from '../../src/api/shapes';
import { channel } from './channels.ts';
import { OWN_KEY, ownChannel } from './keys.ts';

/** One grey pixel (PNG). */
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCByxOyYQAAAABJRU5ErkJggg==';
export const WORDS = Array.from({ length: 24 }, (_, at) => `word${String.fromCharCode(97 + at)}`);

interface State {
  channels: Channel[];
  own: OwnChannel;
  masters: Master[];
  /** Which qualities were asked for. */
  choices: Map<string, string[]>;
  /** The titles that have the film already. */
  there: FilmThere[];
  /** A conversion does not end while this is so. */
  holding: boolean;
  /** How a film's picture is brought into the range of the qualities. */
  range: Offer['dynamic_range'];
}

interface Call {
  mock: State;
  url: URL;
  ids: string[];
  body: Record<string, unknown>;
}

type Answer = { status?: number; body?: unknown } | null;

function create({ mock, body }: Call): Answer {
  const kind = body['filter'] === true ? 'filter' : 'catalogue';
  const own = { ...ownChannel(String(body['name'])), kind } as const;
  mock.own = own;
  mock.channels.push(
    channel(own.id, own.name, { kind, own: true, followed: false, state: 'empty', version: 0 }),
  );
  return { status: 201, body: { channel: own, words: WORDS } };
}

function take({ mock, url, body }: Call): Answer {
  const name = url.searchParams.get('name') ?? String(body['path']).split('/').at(-1) ?? 'film.mp4';
  const master: Master = {
    id: 'a1',
    name,
    length: 42_000_000,
    facts: facts(360),
    outgoing: [],
    converted: false,
    subtitles: [],
    poster: null,
    work: null,
    published: null,
    copies: 0,
    safe_to_close: false,
  };
  master.outgoing = [{ quality: '360p', length: master.length, facts: master.facts }];
  mock.masters.push(master);
  return { status: 201, body: master };
}

const facts = (height: number): Master['facts'] => ({
  container: 'mp4',
  duration_s: 90,
  width: (height * 16) / 9,
  height,
  video_codec: 'h264',
  audio_codec: 'aac',
  audio_languages: [],
  plays_in_browsers: true,
  goes_as_it_is: true,
});

const quality = (height: number, suggested: boolean, copied: boolean) => ({
  name: `${height}p`,
  width: (height * 16) / 9,
  height,
  kbit: height * 3,
  suggested,
  bytes_max: height * 40_000,
  copied,
});

function offer({ mock }: Call): Answer {
  const qualities = [quality(360, true, true), quality(144, true, false)];
  return {
    body: {
      qualities,
      as_it_is: true,
      sounds: 1,
      chapters: 3,
      texts: 1,
      picture_texts: 1,
      dynamic_range: mock.range,
    },
  };
}

/** It takes three looks. */
function convert(call: Call): Answer {
  const master = of(call);
  if (!master) return null;
  master.work = { stage: 'converting', step: 'measuring', quality: null, done: 0.1, left_s: null, kept: [] };
  const chosen = call.body['qualities'] as string[];
  call.mock.choices.set(master.id, chosen);
  return { status: 202, body: master };
}

function convertOn(mock: State, master: Master): void {
  if (master.work?.stage !== 'converting') return;
  if (master.work.step === 'measuring') {
    const { kept } = master.work;
    master.work = { stage: 'converting', step: 'encoding', quality: '144p', done: 0.6, left_s: 200, kept };
    return;
  }
  if (mock.holding) return;
  const chosen = mock.choices.get(master.id) ?? [];
  master.work = null;
  master.converted = chosen.length > 0;
  master.subtitles = [{ id: 'de.vtt', language: 'de', label: null }];
  master.outgoing = chosen.map((name) => ({
    quality: name,
    length: parseInt(name) * 20_000,
    facts: facts(parseInt(name)),
  }));
}

function stopConversion(call: Call): Answer {
  const master = of(call);
  if (master) master.work = null;
  return master ? { body: master } : null;
}

function addSubtitle(call: Call): Answer {
  const master = of(call);
  const language = call.url.searchParams.get('language') ?? 'fr';
  master?.subtitles.push({ id: `${language}.vtt`, language, label: null });
  return master ? { body: master } : null;
}

function removeSubtitle(call: Call): Answer {
  const master = of(call);
  if (!master) return null;
  master.subtitles = master.subtitles.filter((one) => one.id !== call.ids[1]);
  return { body: master };
}

const of = ({ mock, ids }: Call): Master | undefined => mock.masters.find((one) => one.id === ids[0]);

/** Each look finds it further on. */
function look(call: Call): Answer {
  const master = of(call);
  if (!master) return null;
  convertOn(call.mock, master);
  if (master.work?.stage === 'hashing') master.work = { stage: 'publishing' };
  else if (master.work?.stage === 'publishing') {
    master.work = null;
    master.published = { channel: OWN_KEY, title: 'last-ferry', infohash: '0'.repeat(40) };
  }
  return { body: master };
}

function withPoster(call: Call): Answer {
  const master = of(call);
  if (master) master.poster = PIXEL;
  return master ? { body: master } : null;
}

function publish(call: Call): Answer {
  const master = of(call);
  if (!master) return null;
  const meant = call.body['update'] !== undefined || call.body['again'] === true;
  if (call.mock.there.length > 0 && !meant) master.work = { stage: 'there', titles: call.mock.there };
  else master.work = { stage: 'hashing', done_bytes: 21_000_000, total_bytes: 42_000_000 };
  return { status: 202, body: master };
}

function remove({ mock, ids }: Call): Answer {
  mock.masters = mock.masters.filter((one) => one.id !== ids[0]);
  return {};
}

const licences = [
  { spdx: 'CC0-1.0', name: 'CC0', url: 'https://creativecommons.org/publicdomain/zero/1.0/' },
  { spdx: 'CC-BY-4.0', name: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
];

export const PUBLISHING_ROUTES: [RegExp, (call: Call) => Answer][] = [
  [/^POST \/api\/v1\/own-channels$/, create],
  [/^GET \/api\/v1\/licences$/, () => ({ body: { licences } })],
  [/^GET \/api\/v1\/masters$/, ({ mock }) => ({ body: { masters: mock.masters } })],
  [/^POST \/api\/v1\/masters(?:\/file)?$/, take],
  [/^GET \/api\/v1\/masters\/([^/]+)$/, look],
  [/^DELETE \/api\/v1\/masters\/([^/]+)$/, remove],
  [/^GET \/api\/v1\/masters\/([^/]+)\/conversion$/, offer],
  [/^POST \/api\/v1\/masters\/([^/]+)\/conversion$/, convert],
  [/^DELETE \/api\/v1\/masters\/([^/]+)\/conversion$/, stopConversion],
  [/^PUT \/api\/v1\/masters\/([^/]+)\/subtitles$/, addSubtitle],
  [/^DELETE \/api\/v1\/masters\/([^/]+)\/subtitles\/([^/]+)$/, removeSubtitle],
  [/^GET \/api\/v1\/masters\/([^/]+)\/frames$/, () => ({ body: { frames: [PIXEL, PIXEL, PIXEL, PIXEL] } })],
  [/^POST \/api\/v1\/masters\/([^/]+)\/frames$/, withPoster],
  [/^PUT \/api\/v1\/masters\/([^/]+)\/poster$/, withPoster],
  [/^POST \/api\/v1\/masters\/([^/]+)\/publish$/, publish],
];
