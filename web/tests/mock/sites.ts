// The sites of the mock: one of the household's own, one that was visited, and one that can be found.
import { closed, OWN_KEY, PAPER } from './keys.ts';
import type { OwnSite, Site, SiteLine } from '../../src/api/shapes';
import { WORDS } from './publishing.ts';

/** Looking for it succeeds; any other key that is not here is nobody's. */
export const FOUND_SITE = 'qqrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy';

const site = (id: string, name: string, more: Partial<Site> = {}): Site => ({
  id,
  address: `kinora:${id}`,
  name,
  version: 4,
  files: 27,
  bytes: 3_400_000,
  scripts: false,
  own: false,
  state: 'fresh',
  successor: null,
  goes_along: null,
  url: null,
  ...more,
});

export const sites = (): Site[] => [
  site(OWN_SITE, 'Our festival', { own: true, scripts: true }),
  site('ssrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy', 'Silent Evenings, the notes', {
    state: 'frozen',
  }),
];

/** The household's own site, which was published. */
export const OWN_SITE = 'hhrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy';
/** Where it goes on when it is handed over. */
export const NEXT_SITE = 'iirq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy';
/** Its publisher handed it over, and nobody has the last version of it. */
export const LEFT_SITE = 'jjrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy';
const NEW_SITE = 'nnrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy';
/** Publishing this folder is refused. */
export const UNFIT_FOLDER = '/home/viewer/unfit';

const ownSite = (id: string, name: string, more: Partial<OwnSite> = {}): OwnSite => ({
  id,
  address: `kinora:${id}`,
  magnet: `magnet:?xs=urn:btpk:${id}`,
  name,
  publisher: name,
  contact: ['mailto:rights@example.org'],
  secret: true,
  locked: false,
  successor: null,
  version: 0,
  issued_at: null,
  files: 0,
  bytes: 0,
  scripts: false,
  theme: null,
  folder: null,
  key_unpublished: false,
  mirrors: [],
  mirrors_unpublished: false,
  ...more,
});

export const ownSites = (): OwnSite[] => [
  ownSite(OWN_SITE, 'Our festival', {
    version: 4,
    issued_at: '2026-11-02T10:00:00Z',
    files: 27,
    bytes: 3_400_000,
    scripts: true,
    folder: '/home/viewer/festival',
  }),
];

interface Call {
  mock: {
    answers: Map<string, string>;
    sites: Site[];
    ownSites: OwnSite[];
    search: Promise<void>;
    telling: Promise<void>;
  };
  ids: string[];
  body: Record<string, unknown>;
}

type Answer = { status?: number; body?: unknown; lines?: AsyncIterable<object> } | null;

async function open({ mock, body }: Call): Promise<Answer> {
  await mock.search;
  const asked = String(body['address']);
  const id = (mock.answers.get(asked) ?? asked).replace('kinora:', '');
  if (id === FOUND_SITE && !mock.sites.some((one) => one.id === id))
    mock.sites.push(site(id, 'Harbour Films, the site', { files: 1 }));
  if (id === LEFT_SITE) {
    const detail = `kinora:${FOUND_SITE}`;
    return { status: 409, body: { status: 409, code: 'site_moved', title: 'It moved.', detail } };
  }
  const here = mock.sites.find((one) => one.id === id);
  if (!here) return { status: 404, body: { status: 404, code: 'site_unknown', title: 'Not here.' } };
  here.url = `http://${id}.site.localhost:1/`;
  return { body: here };
}

function forget({ mock, ids }: Call): Answer {
  mock.sites = mock.sites.filter((one) => one.id !== ids[0]);
  return {};
}

function forgive({ mock, ids }: Call): Answer {
  const one = mock.sites.find(({ id }) => id === ids[0]);
  if (one) one.state = 'fresh';
  return one ? { body: one } : null;
}

function goAlong({ mock, ids, body }: Call): Answer {
  const [id = ''] = ids;
  const address = body['address'];
  if (typeof address === 'string') mock.answers.set(`kinora:${id}`, address);
  const here = mock.sites.find((one) => one.id === id);
  if (here) here.goes_along = address !== null;
  return {};
}

function askAgain({ mock, ids }: Call): Answer {
  mock.answers.delete(`kinora:${ids[0] ?? ''}`);
  const here = mock.sites.find(({ id }) => id === ids[0]);
  if (here) here.goes_along = null;
  return {};
}

function create({ mock, body }: Call): Answer {
  const made = ownSite(NEW_SITE, String(body['name']));
  mock.ownSites.push(made);
  return { status: 201, body: { site: made, words: WORDS } };
}

async function restore({ mock, body }: Call): Promise<Answer> {
  await mock.search;
  if (body['words'] !== PAPER.join(' ') || mock.ownSites.some(({ id }) => id === OWN_KEY))
    return { status: 409, body: { status: 409, code: 'already_here', title: 'It is here.' } };
  const back = { ...ownSite(OWN_KEY, 'Silent Harbour'), version: 4 };
  mock.ownSites.push(back);
  return { body: { site: back, newest: false } };
}

/** The household's own site, if the passphrase in this field opens its secret. */
function changed({ mock, ids, body }: Call, field: string, change: (own: OwnSite) => void): Answer {
  const own = mock.ownSites.find((one) => one.id === ids[0]);
  if (!own) return null;
  const refused = closed(own, body, field);
  if (refused) return refused;
  change(own);
  return { body: own };
}

const rotate = (call: Call): Answer =>
  changed(call, 'passphrase', (own) => (own.key_unpublished = own.version > 0));

const lock = (call: Call): Answer =>
  changed(call, 'old', (own) => Object.assign(own, { secret: true, locked: call.body['new'] !== null }));

const removeSecret = (call: Call): Answer =>
  changed(call, 'passphrase', (own) => Object.assign(own, { secret: false, locked: false }));

/** The site goes on under another key, and is not published there yet. */
function handOver(call: Call): Answer {
  const moved = changed(call, 'passphrase', (own) => (own.successor = `kinora:${NEXT_SITE}`));
  if (moved?.status) return moved;
  const heir = ownSite(NEXT_SITE, 'Our festival', { folder: '/home/viewer/festival' });
  call.mock.ownSites.push(heir);
  return { body: heir };
}

function addMirror({ mock, ids, body }: Call): Answer {
  const own = mock.ownSites.find((one) => one.id === ids[0]);
  const url = String(body['url']);
  if (!own) return null;
  if (!/^https:\/\/[^?#]+$/.test(url) || own.mirrors.length >= 4)
    return { status: 422, body: { status: 422, code: 'mirror_bad', title: 'Not so.' } };
  own.mirrors.push({ url: url.replace(/\/?$/, '/'), published: false });
  own.mirrors_unpublished = true;
  return { body: own };
}

function removeMirror({ mock, ids, body }: Call): Answer {
  const own = mock.ownSites.find((one) => one.id === ids[0]);
  if (!own) return null;
  own.mirrors = own.mirrors.filter((one) => one.url !== body['url']);
  own.mirrors_unpublished = true;
  return { body: own };
}

function publish(call: Call): Answer {
  const own = call.mock.ownSites.find((one) => one.id === call.ids[0]);
  return own ? { lines: publishing(call, own) } : null;
}

async function* publishing({ mock, body }: Call, own: OwnSite): AsyncGenerator<SiteLine> {
  yield { event: 'reading', files: 2, bytes: 4_000 };
  if (body['folder'] === UNFIT_FOLDER) {
    const refused = (path: string, code: string) => ({ path, code, why: 'it cannot be part of a site' });
    yield {
      event: 'failed',
      problem: {
        status: 422,
        code: 'site_unfit',
        title: 'This folder cannot be a site.',
        hint: 'Change it.',
      },
      refused: [refused('menu.js', 'script'), refused('our films.html', 'path'), refused('a.new', 'newer')],
    };
    return;
  }
  yield { event: 'writing', files: 1, total: 2 };
  await mock.telling;
  yield { event: 'telling' };
  own.version += 1;
  own.key_unpublished = false;
  own.mirrors.forEach((one) => (one.published = true));
  own.mirrors_unpublished = false;
  Object.assign(own, { issued_at: '2026-11-03T10:00:00Z', files: 2, bytes: 4_000, folder: body['folder'] });
  Object.assign(own, { scripts: body['scripts'], theme: body['theme'] });
  yield {
    event: 'published',
    address: own.address,
    version: own.version,
    files: 2,
    new_bytes: 4_000,
    copies: 7,
    infohash_v1: null,
    infohash_v2: null,
  };
}

export const SITE_ROUTES: [RegExp, (call: Call) => Answer | Promise<Answer>][] = [
  [/^GET \/api\/v1\/sites$/, ({ mock }) => ({ body: { sites: mock.sites } })],
  [/^POST \/api\/v1\/sites$/, open],
  [/^DELETE \/api\/v1\/sites\/([^/]+)$/, forget],
  [/^POST \/api\/v1\/sites\/([^/]+)\/forgiven$/, forgive],
  [/^PUT \/api\/v1\/sites\/([^/]+)\/successor$/, goAlong],
  [/^DELETE \/api\/v1\/sites\/([^/]+)\/successor$/, askAgain],
  [/^GET \/api\/v1\/own-sites$/, ({ mock }) => ({ body: { sites: mock.ownSites } })],
  [/^POST \/api\/v1\/own-sites$/, create],
  [/^POST \/api\/v1\/own-sites\/restore$/, restore],
  [/^POST \/api\/v1\/own-sites\/([^/]+)\/publish$/, publish],
  [/^POST \/api\/v1\/own-sites\/([^/]+)\/mirrors$/, addMirror],
  [/^DELETE \/api\/v1\/own-sites\/([^/]+)\/mirrors$/, removeMirror],
  [/^POST \/api\/v1\/own-sites\/([^/]+)\/rotate$/, rotate],
  [/^PUT \/api\/v1\/own-sites\/([^/]+)\/passphrase$/, lock],
  [/^POST \/api\/v1\/own-sites\/([^/]+)\/hand-over$/, handOver],
  [/^DELETE \/api\/v1\/own-sites\/([^/]+)\/secret$/, removeSecret],
];
