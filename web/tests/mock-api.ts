// A server that keeps the page's contract without any torrent behind it: for developing, and for the journeys.
import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  Card,
  Channel,
  ChannelList,
  Download,
  Episode,
  FilmThere,
  Master,
  Offer,
  OwnSite,
  Playback,
  Scenes,
  PlaybackState,
  Settings,
  Site,
  Title,
} from '../src/api/shapes';
import { CHANNEL_ROUTES, channels, published } from './mock/channels.ts';
import { ENTRY_ROUTES } from './mock/entries.ts';
import { KEY_ROUTES, keys, type Keys } from './mock/keys.ts';
import { film, picture } from './mock/media.ts';
import { PUBLISHING_ROUTES } from './mock/publishing.ts';
import { ownSites, SITE_ROUTES, sites } from './mock/sites.ts';
import { titles } from './mock/titles.ts';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const FILM_S = 90;

/** The policy of the real server, word for word: what it forbids must fail here too. */
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types svelte-trusted-html',
].join('; ');

const VTT = `WEBVTT

00:00.000 --> 00:20.000
A first line, <i>in italics</i> &amp; plain.

00:20.000 --> 01:20.000
A second line.
`;

export interface Mock extends Keys {
  url: string;
  token: string;
  /** The address a person would be given. */
  launch: string;
  titles: Title[];
  settings: Settings;
  downloads: Download[];
  blocked: Set<string>;
  channels: Channel[];
  blockedChannels: ChannelList['blocked'];
  masters: Master[];
  /** The titles that have a film already that is published. */
  there: FilmThere[];
  /** Which qualities were asked for of each film. */
  choices: Map<string, string[]>;
  /** Conversions do not end while this is so. */
  holding: boolean;
  /** How a film's picture is brought into the range of the qualities. */
  range: Offer['dynamic_range'];
  /** What a film's torrent says of its time line. */
  scenes: Scenes;
  sites: Site[];
  /** Sites that moved, and what is opened in their place. */
  answers: Map<string, string>;
  /** Looking for a site takes until this comes true. */
  search: Promise<void>;
  ownSites: OwnSite[];
  /** A site is not told to the network before this comes true. */
  telling: Promise<void>;
  /** Tells the pages that listen of something: `{ type: 'channels' }`. */
  tell: (event: object) => void;
  /** Breaks the stream of news, as a server does that is started anew. */
  hangUp: () => void;
  /** Every request to the API: `PUT /api/v1/progress/sintel`. */
  requests: { line: string; body: unknown }[];
  /** What the swarm says; a test may set it. */
  swarm: Partial<PlaybackState>;
  /** Makes every request of this beginning fail: `GET /api/v1/home`. */
  failing: Map<string, { status: number; body: unknown }>;
  /** How long the film's bytes are held back, in milliseconds. */
  hold: number;
  close: () => Promise<void>;
}

export interface Options {
  consent?: boolean;
  port?: number;
  language?: string;
  theme?: Settings['theme'];
  /** Another catalogue, made of the usual one. */
  catalogue?: (usual: Title[]) => Title[];
}

function settingsFor({ consent = true, language = 'en', theme = 'dark' }: Options): Settings {
  return {
    consent: { given: consent, at: consent ? '2026-01-01T00:00:00Z' : null, version: 1 },
    sharing: {
      enabled: true,
      up_limit_kib: null,
      down_limit_kib: null,
      seed_ratio_max: 2,
      seed_after_watching: true,
    },
    cache: {
      path: '/home/viewer/.cache/kinora',
      quota_gib: 20,
      used_bytes: 7_400_000_000,
      channels_gib: 10,
      channels_used_bytes: 240_000_000,
    },
    language,
    audio_language: null,
    subtitle_language: null,
    theme,
    network: { listen_port: 6881 },
  };
}

export async function startMock(options: Options = {}): Promise<Mock> {
  const listeners = new Set<ServerResponse>();
  const mock: Mock = {
    url: '',
    token: randomUUID(),
    launch: '',
    titles: published(options.catalogue?.(titles()) ?? titles()),
    settings: settingsFor(options),
    downloads: [],
    blocked: new Set(),
    channels: channels(),
    blockedChannels: [],
    ...keys(),
    masters: [],
    choices: new Map(),
    there: [],
    holding: false,
    range: 'standard',
    scenes: { chapters: [], sheets: [], previews: [] },
    sites: sites(),
    search: Promise.resolve(),
    answers: new Map(),
    ownSites: ownSites(),
    telling: Promise.resolve(),
    tell: (event) => {
      for (const listener of listeners) listener.write(`data: ${JSON.stringify(event)}\n\n`);
    },
    hangUp: () => {
      for (const listener of listeners) listener.destroy();
    },
    requests: [],
    swarm: {},
    failing: new Map(),
    hold: 0,
    close: () => Promise.resolve(),
  };
  const server = createServer((request, response) => {
    if (request.url === '/api/v1/events') {
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
    }
    void handle(mock, request, response).catch((cause: unknown) => {
      response.writeHead(500).end(String(cause));
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  mock.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  mock.launch = `${mock.url}/#token=${mock.token}`;
  mock.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return mock;
}

async function handle(mock: Mock, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', mock.url);
  if (url.pathname.startsWith('/api/')) await api(mock, url, request, response);
  else if (url.pathname.startsWith('/stream/')) stream(mock, request, response);
  else if (url.pathname.startsWith('/image/')) image(url, response);
  else if (url.pathname.startsWith('/subtitle/'))
    response.writeHead(200, { 'Content-Type': 'text/vtt' }).end(VTT);
  else page(url, response);
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

function page(url: URL, response: ServerResponse): void {
  const path = url.pathname === '/' ? '/index.html' : url.pathname;
  const file = `${DIST}${path}`;
  if (path.includes('..') || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy': CSP,
  });
  response.end(readFileSync(file));
}

function image(url: URL, response: ServerResponse): void {
  const [, , name = '', shape] = url.pathname.split('/');
  const file = picture(name, shape === 'poster.jpg' ? 'poster' : 'backdrop');
  response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(readFileSync(file));
}

function stream(mock: Mock, request: IncomingMessage, response: ServerResponse): void {
  const file = film();
  const { size } = statSync(file);
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Number(range[2]) : size - 1;
  setTimeout(() => {
    response.writeHead(range ? 206 : 200, {
      'Content-Type': 'video/mp4',
      'Accept-Ranges': 'bytes',
      'Content-Length': end - start + 1,
      ...(range ? { 'Content-Range': `bytes ${start}-${end}/${size}` } : {}),
    });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file, { start, end }).pipe(response);
  }, mock.hold);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  if (!request.headers['content-type']?.includes('json')) return bytes.length > 0 ? bytes : null;
  return bytes.length > 0 ? (JSON.parse(bytes.toString()) as unknown) : null;
}

interface Call {
  mock: Mock;
  url: URL;
  /** The parts of the path that differ from call to call. */
  ids: string[];
  body: Record<string, unknown>;
}

type Answer = { status?: number; body?: unknown; lines?: AsyncIterable<object> } | null;

async function api(mock: Mock, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const line = `${request.method ?? 'GET'} ${url.pathname}`;
  if (request.headers.authorization !== `Bearer ${mock.token}`) {
    problem(response, 401, { code: 'unauthorized', title: 'The token is missing' });
    return;
  }
  if (line === 'GET /api/v1/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': hello\n\n');
    return;
  }
  const body = await readBody(request);
  mock.requests.push({ line, body });
  const failure = [...mock.failing].find(([start]) => line.startsWith(start))?.[1];
  if (failure) {
    problem(response, failure.status, failure.body);
    return;
  }
  for (const [pattern, answer] of ROUTES) {
    const match = pattern.exec(line);
    if (!match) continue;
    const answered = await answer({
      mock,
      url,
      ids: match.slice(1).map(decodeURIComponent),
      body: (body ?? {}) as Call['body'],
    });
    await send(response, answered);
    return;
  }
  problem(response, 404, { code: 'not_found', title: 'There is no such thing' });
}

async function send(response: ServerResponse, answer: Answer): Promise<void> {
  if (answer === null) {
    problem(response, 404, { code: 'not_found', title: 'There is no such thing' });
    return;
  }
  const { status = 200, body, lines } = answer;
  if (lines !== undefined) {
    response.writeHead(status, { 'Content-Type': 'application/jsonl' });
    for await (const line of lines) response.write(`${JSON.stringify(line)}\n`);
    response.end();
    return;
  }
  if (body === undefined) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/problem+json' });
  response.end(JSON.stringify({ status, ...(body as object) }));
}

const seen = ({ mock }: Call): Title[] => mock.titles.filter((title) => !mock.blocked.has(title.id));
const find = ({ mock }: Call, id: string | undefined): Title | undefined =>
  mock.titles.find((title) => title.id === id);
const episodes = (title: Title): Episode[] => title.seasons.flatMap((season) => season.episodes);

/** A title, or the episode of one, by its id. */
function item(call: Call, id: string | undefined): { title: Title; item: Title | Episode } | null {
  for (const title of call.mock.titles) {
    const found = title.id === id ? title : episodes(title).find((episode) => episode.id === id);
    if (found) return { title, item: found };
  }
  return null;
}

/** No row is longer: what is beyond is behind "See all". */
const ROW_MAX = 24;

function home(call: Call): Answer {
  const all = seen(call);
  const row = (id: string, label_key: string, cards: Card[], label_args = {}) => ({
    id,
    label_key,
    label_args,
    titles: cards.slice(0, ROW_MAX),
  });
  return {
    body: {
      continue_watching: all.filter((title) => title.progress !== null),
      rows: [
        row('popular', 'row-popular', all.slice(0, 12)),
        row(
          'films',
          'row-films',
          all.filter((title) => title.kind === 'film'),
        ),
        row(
          'series',
          'row-series',
          all.filter((title) => title.kind === 'series'),
        ),
        row(
          'concerts',
          'row-concerts',
          all.filter((title) => title.kind === 'concert'),
        ),
        row(
          'silent',
          'row-genre',
          all.filter((title) => title.genres.includes('silent')),
          { genre: 'silent' },
        ),
      ],
    },
  };
}

function list(call: Call): Answer {
  const query = call.url.searchParams;
  const wants = (name: string, has: (title: Title, value: string) => boolean) => (title: Title) => {
    const value = query.get(name);
    return value === null || has(title, value);
  };
  const filters = [
    wants('kind', (title, value) => title.kind === value),
    wants('channel', (title, value) => title.channel === value),
    wants('genre', (title, value) => title.genres.includes(value)),
    wants('language', (title, value) => title.audio_languages.includes(value)),
    wants('subtitle', (title, value) => title.subtitle_languages.includes(value)),
    wants('licence', (title, value) => title.licence.spdx === value),
    wants('quality', (title, value) => title.qualities.includes(value)),
    wants('decade', (title, value) => Math.floor((title.year ?? 0) / 10) * 10 === Number(value)),
    wants('favourite', (title, value) => title.favourite === (value === 'true')),
    wants('watched', (title, value) => title.watched === (value === 'true')),
  ];
  const found = seen(call).filter((title) => filters.every((fits) => fits(title)));
  if (query.get('sort') === 'name') found.sort((a, b) => a.name.localeCompare(b.name));
  if (query.get('sort') === 'year') found.sort((a, b) => (b.year ?? 0) - (a.year ?? 0));
  const [offset, limit] = [Number(query.get('offset') ?? 0), Number(query.get('limit') ?? 60)];
  return { body: { total: found.length, titles: found.slice(offset, offset + limit) } };
}

function oneTitle(call: Call): Answer {
  const title = find(call, call.ids[0]);
  return title ? { body: title } : null;
}

function facets(call: Call): Answer {
  const count = (values: string[]) =>
    [...new Set(values)].map((value) => ({ value, count: values.filter((one) => one === value).length }));
  const all = seen(call);
  return {
    body: {
      kinds: count(all.map((title) => title.kind)),
      genres: count(all.flatMap((title) => title.genres)),
      languages: count(all.flatMap((title) => title.audio_languages)),
      subtitles: count(all.flatMap((title) => title.subtitle_languages)),
      licences: count(all.map((title) => title.licence.spdx)),
      qualities: count(all.flatMap((title) => title.qualities)),
      decades: count(all.map((title) => String(Math.floor((title.year ?? 0) / 10) * 10))),
    },
  };
}

function search(call: Call): Answer {
  const q = (call.url.searchParams.get('q') ?? '').toLowerCase();
  const found = seen(call).filter((title) => title.name.toLowerCase().includes(q));
  const corrected = found.length === 0 && q.startsWith('sintl') ? 'sintel' : null;
  return {
    body: { titles: corrected ? seen(call).filter((title) => title.id === 'sintel') : found, corrected },
  };
}

function play(call: Call): Answer {
  const found = item(call, String(call.body['item_id']));
  return found && { body: playback(call, found.title, found.item) };
}

function playback(call: Call, title: Title, what: Title | Episode): Playback {
  const release = what.releases.find((one) => one.id === call.body['release_id']) ?? what.releases[0];
  const order = episodes(title);
  const at = order.findIndex((episode) => episode.id === what.id);
  return {
    id: randomUUID(),
    item_id: what.id,
    title_id: title.id,
    release_id: release?.id ?? '',
    title: title.name,
    episode_label: 'number' in what ? `S${what.season} E${what.number} · ${what.name}` : null,
    stream_url: `/stream/${release?.id ?? ''}/film.mp4`,
    external_url: `${call.mock.url}/stream/${release?.id ?? ''}/film.mp4`,
    mime: 'video/mp4',
    duration_s: FILM_S,
    resume_s: what.progress?.position_s ?? 0,
    subtitles: ['en', 'fr', 'ar'].map((language) => ({
      id: language,
      language,
      label: null,
      url: `/subtitle/${language}.vtt`,
    })),
    releases: what.releases,
    next_item_id: at >= 0 ? (order[at + 1]?.id ?? null) : null,
    size_bytes: release?.size_bytes ?? 0,
    infohash: release?.infohash ?? '',
  };
}

function playbackState({ mock }: Call): Answer {
  const state: PlaybackState = {
    stage: 'ready',
    reason: null,
    peers: 12,
    seeds: 4,
    unchoked: 6,
    web_seeds: 1,
    known_peers: 40,
    swarm: { seeds: 31, leechers: 9 },
    down_rate: 4_200_000,
    up_rate: 310_000,
    downloaded: 180_000_000,
    uploaded: 22_000_000,
    wasted: 16_384,
    wrong: 0,
    size_bytes: 450_000_000,
    on_disk_bytes: 180_000_000,
    on_disk: [
      [0, 0.34],
      [0.5, 0.56],
      [0.98, 1],
    ],
    availability_min: 3,
    duration_s: FILM_S,
    ...mock.swarm,
  };
  return { body: state };
}

function saveProgress(call: Call): Answer {
  const found = item(call, call.ids[0]);
  if (!found) return null;
  const [position_s, duration_s] = [Number(call.body['position_s']), Number(call.body['duration_s'])];
  const fraction = position_s / duration_s;
  const progress = {
    item_id: found.item.id,
    position_s,
    duration_s,
    fraction,
    updated_at: '2026-01-01T00:00:00Z',
  };
  found.item.progress = progress;
  found.title.progress = progress;
  if ('number' in found.item) found.title.next_label = `S${found.item.season} E${found.item.number}`;
  call.mock.tell({ type: 'progress', progress });
  return {};
}

function forgetProgress(call: Call): Answer {
  const found = item(call, call.ids[0]);
  if (found) found.item.progress = found.title.progress = null;
  return {};
}

function mark(change: (call: Call, on: boolean) => void, on: boolean): (call: Call) => Answer {
  return (call) => {
    change(call, on);
    return {};
  };
}

const setFavourite = (call: Call, on: boolean): void => {
  const title = find(call, call.ids[0]);
  if (title) title.favourite = on;
};
const setWatched = (call: Call, on: boolean): void => {
  const found = item(call, call.ids[0]);
  if (found) found.item.watched = on;
};
const setBlocked = ({ mock, ids }: Call, on: boolean): void => {
  if (on) mock.blocked.add(ids[0] ?? '');
  else mock.blocked.delete(ids[0] ?? '');
};

function patchSettings({ mock, body }: Call): Answer {
  const { sharing, cache, ...rest } = body;
  Object.assign(mock.settings, rest);
  Object.assign(mock.settings.sharing, sharing);
  Object.assign(mock.settings.cache, cache);
  return { body: mock.settings };
}

function consent({ mock, body }: Call): Answer {
  mock.settings.consent = { given: true, at: '2026-01-01T00:00:00Z', version: 1 };
  Object.assign(mock.settings.sharing, body['sharing']);
  return { body: mock.settings };
}

function newDownload(mock: Mock, name: string, item_id: string | null): Download {
  const files = [
    { index: 0, path: `${name}/film.mp4`, length: 300_000_000, playable: true, done_bytes: 90_000_000 },
    { index: 1, path: `${name}/extras.mp4`, length: 40_000_000, playable: true, done_bytes: 40_000_000 },
    { index: 2, path: `${name}/notes.txt`, length: 2_000, playable: false, done_bytes: 2_000 },
  ];
  const download: Download = {
    id: randomUUID(),
    item_id,
    name,
    state: 'fetching',
    done_bytes: 130_002_000,
    size_bytes: 340_002_000,
    down_rate: 2_600_000,
    up_rate: 140_000,
    swarm: { seeds: 17, leechers: 3 },
    peers: 9,
    ratio: 0.31,
    pinned: false,
    files: item_id === null ? files : files.slice(0, 1),
    error: null,
  };
  mock.downloads.push(download);
  return download;
}

function startDownload(call: Call): Answer {
  const found = item(call, String(call.body['item_id']));
  return found && { status: 201, body: newDownload(call.mock, found.title.name, found.item.id) };
}

function addTorrent({ mock, body }: Call): Answer {
  const magnet = typeof body['magnet'] === 'string' ? body['magnet'] : '';
  const name = new URLSearchParams(magnet.replace('magnet:?', '')).get('dn') ?? 'dropped';
  return { status: 201, body: newDownload(mock, name, null) };
}

function changeDownload({ mock, ids, body }: Call): Answer {
  const download = mock.downloads.find((one) => one.id === ids[0]);
  if (!download) return null;
  if (typeof body['paused'] === 'boolean') download.state = body['paused'] ? 'paused' : 'fetching';
  if (typeof body['pinned'] === 'boolean') download.pinned = body['pinned'];
  return { body: download };
}

function playTorrent(call: Call): Answer {
  const film = call.mock.titles.find((title) => title.id === 'sintel');
  return film
    ? { status: 201, body: { ...playback(call, film, film), title: 'dropped', item_id: 'file' } }
    : null;
}

const removeDownload = ({ mock, ids }: Call): Answer => {
  mock.downloads = mock.downloads.filter((one) => one.id !== ids[0]);
  return {};
};

const network = ({ mock }: Call): Answer => ({
  body: {
    peers: 12,
    down_rate: 4_200_000 + mock.requests.length * 9_000,
    up_rate: 310_000,
    uploaded: 1_900_000_000,
    downloaded: 2_400_000_000,
    listen_port: 6881,
    public_addresses: ['203.0.113.7:6881'],
    torrents: 3,
  },
});

const ROUTES: [RegExp, (call: Call) => Answer | Promise<Answer>][] = [
  ...CHANNEL_ROUTES,
  ...SITE_ROUTES,
  ...KEY_ROUTES,
  ...ENTRY_ROUTES,
  ...PUBLISHING_ROUTES,
  [/^GET \/api\/v1\/home$/, home],
  [/^GET \/api\/v1\/titles$/, list],
  [/^GET \/api\/v1\/titles\/([^/]+)$/, oneTitle],
  [/^GET \/api\/v1\/facets$/, facets],
  [/^GET \/api\/v1\/search$/, search],
  [/^POST \/api\/v1\/play$/, play],
  [/^GET \/api\/v1\/playbacks\/[^/]+\/scenes$/, ({ mock }) => ({ body: mock.scenes })],
  [/^GET \/api\/v1\/playbacks\//, playbackState],
  [/^DELETE \/api\/v1\/playbacks\//, () => ({})],
  [/^PUT \/api\/v1\/progress\/([^/]+)$/, saveProgress],
  [/^DELETE \/api\/v1\/progress\/([^/]+)$/, forgetProgress],
  [/^PUT \/api\/v1\/favourites\/([^/]+)$/, mark(setFavourite, true)],
  [/^DELETE \/api\/v1\/favourites\/([^/]+)$/, mark(setFavourite, false)],
  [/^PUT \/api\/v1\/watched\/([^/]+)$/, mark(setWatched, true)],
  [/^DELETE \/api\/v1\/watched\/([^/]+)$/, mark(setWatched, false)],
  [/^PUT \/api\/v1\/blocked\/([^/]+)$/, mark(setBlocked, true)],
  [/^DELETE \/api\/v1\/blocked\/([^/]+)$/, mark(setBlocked, false)],
  [
    /^GET \/api\/v1\/blocked$/,
    (call) => ({ body: { titles: call.mock.titles.filter((title) => call.mock.blocked.has(title.id)) } }),
  ],
  [/^GET \/api\/v1\/settings$/, ({ mock }) => ({ body: mock.settings })],
  [/^PATCH \/api\/v1\/settings$/, patchSettings],
  [/^POST \/api\/v1\/consent$/, consent],
  [/^GET \/api\/v1\/downloads$/, ({ mock }) => ({ body: { downloads: mock.downloads } })],
  [/^POST \/api\/v1\/downloads$/, startDownload],
  [/^PATCH \/api\/v1\/downloads\/([^/]+)$/, changeDownload],
  [/^DELETE \/api\/v1\/downloads\/([^/]+)$/, removeDownload],
  [/^POST \/api\/v1\/torrents$/, addTorrent],
  [/^POST \/api\/v1\/torrents\/([^/]+)\/play$/, playTorrent],
  [/^GET \/api\/v1\/network$/, network],
];
