// Publishing in the mock: channels are made at once, films are taken in, and their torrents take two looks to make.
import type { Channel, Master, OwnChannel } from '../../src/api/shapes';
import { channel } from './channels.ts';

export const OWN_KEY = 'wwycg3nwyq8ukzn5zjkqxr6ozmi3yq4qp7ufddjnxwfmh3r8w7oo';
/** One grey pixel (PNG). */
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCByxOyYQAAAABJRU5ErkJggg==';
const WORDS = Array.from({ length: 24 }, (_, at) => `word${String.fromCharCode(97 + at)}`);

interface State {
  channels: Channel[];
  masters: Master[];
}

interface Call {
  mock: State;
  url: URL;
  ids: string[];
  body: Record<string, unknown>;
}

type Answer = { status?: number; body?: unknown } | null;

export function ownChannel(name = 'Harbour Films'): OwnChannel {
  return {
    id: OWN_KEY,
    address: `kinora:${OWN_KEY}`,
    magnet: `magnet:?xs=urn:btpk:${'0f'.repeat(32)}`,
    name,
    about: '',
    publisher: name,
    contact: ['mailto:rights@example.org'],
    version: 0,
    issued_at: null,
    records: 0,
    waiting_titles: 0,
    waiting_withdrawals: 0,
    locked: false,
    root_version: 1,
  };
}

function create({ mock, body }: Call): Answer {
  const own = ownChannel(String(body['name']));
  mock.channels.push(channel(own.id, own.name, { own: true, followed: false, state: 'empty', version: 0 }));
  return { status: 201, body: { channel: own, words: WORDS } };
}

function take({ mock, url, body }: Call): Answer {
  const name = url.searchParams.get('name') ?? String(body['path']).split('/').at(-1) ?? 'film.mp4';
  const master: Master = {
    id: 'a1',
    name,
    length: 42_000_000,
    facts: {
      container: 'mp4',
      duration_s: 90,
      width: 640,
      height: 360,
      video_codec: 'h264',
      audio_codec: 'aac',
      audio_languages: [],
      plays_in_browsers: true,
    },
    poster: null,
    work: null,
    published: null,
    copies: 0,
    safe_to_close: false,
  };
  mock.masters.push(master);
  return { status: 201, body: master };
}

const of = ({ mock, ids }: Call): Master | undefined => mock.masters.find((one) => one.id === ids[0]);

/** Each look finds it further on. */
function look(call: Call): Answer {
  const master = of(call);
  if (!master) return null;
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
  master.work = { stage: 'hashing', done_bytes: 21_000_000, total_bytes: 42_000_000 };
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
  [/^GET \/api\/v1\/own-channels\/([^/]+)$/, () => ({ body: ownChannel() })],
  [/^GET \/api\/v1\/licences$/, () => ({ body: { licences } })],
  [/^GET \/api\/v1\/masters$/, ({ mock }) => ({ body: { masters: mock.masters } })],
  [/^POST \/api\/v1\/masters(?:\/file)?$/, take],
  [/^GET \/api\/v1\/masters\/([^/]+)$/, look],
  [/^DELETE \/api\/v1\/masters\/([^/]+)$/, remove],
  [/^GET \/api\/v1\/masters\/([^/]+)\/frames$/, () => ({ body: { frames: [PIXEL, PIXEL, PIXEL, PIXEL] } })],
  [/^POST \/api\/v1\/masters\/([^/]+)\/frames$/, withPoster],
  [/^PUT \/api\/v1\/masters\/([^/]+)\/poster$/, withPoster],
  [/^POST \/api\/v1\/masters\/([^/]+)\/publish$/, publish],
];
