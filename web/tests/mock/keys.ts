// Keys in the mock: words of its own, a search that a journey ends, and a domain that vouches once it is told to.
import type { Channel, FilterEntry, OwnChannel, Restoration, VouchedChannel } from '../../src/api/shapes';
import { channel } from './channels.ts';
import { publishEntries } from './entries.ts';

export const OWN_KEY = 'wwycg3nwyq8ukzn5zjkqxr6ozmi3yq4qp7ufddjnxwfmh3r8w7oo';
export const NEXT_KEY = 'xxycg3nwyq8ukzn5zjkqxr6ozmi3yq4qp7ufddjnxwfmh3r8w7oo';
/** What is on paper. */
export const PAPER = (
  'alpha deal scrub asthma idea logic bright thought arrow damp search become ' +
  'hotel ladder canvas valley wagon dragon pepper silver tunnel exotic magnet truly'
).split(' ');
const LIST = [...new Set([...PAPER, 'abandon', 'bridge', 'deer', 'truth', 'zoo'])].sort();
/** The passphrase of a channel that is locked. */
export const PASSPHRASE = 'open sesame';

export interface Keys {
  own: OwnChannel;
  restoration: Restoration | null;
  /** The domain has its record. */
  vouches: boolean;
  /** Channels that one's own vouches for. */
  vouched: VouchedChannel[];
  /** Followers have another list of them. */
  unlisted: boolean;
  /** What one's own filter marks. */
  entries: FilterEntry[];
}

interface State extends Keys {
  channels: Channel[];
}

interface Call {
  mock: State;
  ids: string[];
  body: Record<string, unknown>;
}

type Answer = { status?: number; body?: unknown } | null;

export function ownChannel(name = 'Harbour Films', id = OWN_KEY): OwnChannel {
  return {
    id,
    kind: 'catalogue',
    address: `kinora:${id}`,
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
    secret: true,
    locked: false,
    root_version: 1,
    key_unpublished: false,
    successor: null,
    domain: null,
    mirrors: [],
    mirrors_unpublished: false,
  };
}

export const keys = (): Keys => ({
  own: ownChannel(),
  restoration: null,
  vouches: false,
  vouched: [],
  unlisted: false,
  entries: [],
});

export const refusal = (status: number, code: string): { status: number; body: unknown } => ({
  status,
  body: { status, code, title: code },
});

const isPaper = (body: Record<string, unknown>): boolean => body['words'] === PAPER.join(' ');

function readWords({ mock, body }: Call): Answer {
  if (!isPaper(body)) return refusal(422, 'words_mixed');
  const own = mock.channels.some(({ id, own: ours }) => id === OWN_KEY && ours);
  return { body: { id: OWN_KEY, address: `kinora:${OWN_KEY}`, own, version: 0 } };
}

function restore({ mock, body }: Call): Answer {
  if (!isPaper(body)) return refusal(422, 'words_mixed');
  const progress = { step: 'searching' as const, done_bytes: 0, wanted_bytes: 0, peers: 0 };
  mock.restoration = { id: OWN_KEY, progress, problem: null, channel: null, newest: false };
  return { status: 202, body: mock.restoration };
}

/** The search ends well, as the real one does when a follower is found. */
export function bringBack(mock: State): void {
  mock.own = { ...ownChannel('Silent Harbour'), version: 7, records: 3 };
  mock.channels.push(channel(OWN_KEY, 'Silent Harbour', { own: true, version: 7 }));
  mock.restoration = { id: OWN_KEY, progress: null, problem: null, channel: mock.own, newest: true };
}

/** Why a secret is not opened by what was given; nothing if it is. */
export function closed(
  own: { secret: boolean; locked: boolean },
  body: Record<string, unknown>,
  field: string,
): { status: number; body: unknown } | null {
  if (typeof body['words'] === 'string') return isPaper(body) ? null : refusal(422, 'words_mixed');
  if (!own.secret) return refusal(409, 'secret_away');
  return own.locked && body[field] !== PASSPHRASE ? refusal(422, 'passphrase') : null;
}

function replaceKey(call: Call): Answer {
  const refused = closed(call.mock.own, call.body, 'passphrase');
  if (refused) return refused;
  Object.assign(call.mock.own, { root_version: 2, key_unpublished: call.mock.own.version > 0 });
  return { body: call.mock.own };
}

function handOver(call: Call): Answer {
  const { mock } = call;
  const refused = closed(mock.own, call.body, 'passphrase');
  if (refused) return refused;
  const successor = `kinora:${NEXT_KEY}`;
  const before = mock.channels.find(({ id }) => id === OWN_KEY);
  Object.assign(before ?? {}, { state: 'handed_over', successor });
  mock.channels.push(channel(NEXT_KEY, mock.own.name, { own: true, followed: false, version: 1 }));
  mock.own = { ...ownChannel(mock.own.name, NEXT_KEY), version: 1, locked: mock.own.locked };
  return { body: mock.own };
}

function removeSecret({ mock, body }: Call): Answer {
  if (!isPaper(body)) return refusal(422, 'words_mixed');
  Object.assign(mock.own, { secret: false, locked: false });
  return { body: mock.own };
}

function lock(call: Call): Answer {
  const refused = closed(call.mock.own, call.body, 'old');
  if (refused) return refused;
  call.mock.own.secret = true;
  call.mock.own.locked = call.body['new'] !== null;
  return { body: call.mock.own };
}

function publish({ mock }: Call): Answer {
  const { own } = mock;
  Object.assign(own, { version: own.version + 1, key_unpublished: false });
  mock.unlisted = false;
  publishEntries(mock);
  if (own.domain) own.domain.published = true;
  own.mirrors.forEach((one) => (one.published = true));
  own.mirrors_unpublished = false;
  const torrent = { infohash_v1: '0'.repeat(40), infohash_v2: null, new_bytes: 1000 };
  return {
    body: { address: own.address, version: own.version, records: own.records, copies: 18, ...torrent },
  };
}

function claim({ mock, body }: Call): Answer {
  const name = body['domain'];
  if (typeof name === 'string' && !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(name))
    return refusal(422, 'domain_bad');
  mock.own.domain =
    typeof name === 'string'
      ? {
          name,
          record_name: `_kinora.${name}`,
          record: `kinora=${OWN_KEY}`,
          published: false,
          vouched_at: null,
        }
      : null;
  return { body: mock.own };
}

function ask({ mock }: Call): Answer {
  if (!mock.vouches) return refusal(409, 'domain_silent');
  if (mock.own.domain) mock.own.domain.vouched_at = new Date(Date.now() - 1000).toISOString();
  return { body: mock.own };
}

function vouch({ mock, ids, body }: Call): Answer {
  const id = ids[1] ?? '';
  const name = body['name'] ?? mock.channels.find((one) => one.id === id)?.name;
  if (typeof name !== 'string') return refusal(422, 'body_wrong');
  mock.vouched.push({ id, address: `kinora:${id}`, name, about: '', languages: [] });
  mock.unlisted = true;
  return { body: { vouches_for: mock.vouched.length } };
}

function vouchNoMore({ mock, ids }: Call): Answer {
  mock.vouched = mock.vouched.filter(({ id }) => id !== ids[1]);
  mock.unlisted = true;
  return {};
}

function addMirror({ mock, body }: Call): Answer {
  const url = String(body['url']);
  if (!/^https:\/\/[^?#]+$/.test(url) || mock.own.mirrors.length >= 4) return refusal(422, 'mirror_bad');
  mock.own.mirrors.push({ url: url.replace(/\/?$/, '/'), published: false });
  mock.own.mirrors_unpublished = true;
  return { body: mock.own };
}

function removeMirror({ mock, body }: Call): Answer {
  mock.own.mirrors = mock.own.mirrors.filter((one) => one.url !== body['url']);
  mock.own.mirrors_unpublished = true;
  return { body: mock.own };
}

function stop({ mock }: Call): Answer {
  mock.restoration = null;
  return {};
}

export const KEY_ROUTES: [RegExp, (call: Call) => Answer][] = [
  [/^GET \/api\/v1\/recovery-words$/, () => ({ body: { words: LIST } })],
  [/^POST \/api\/v1\/recovery-words$/, readWords],
  [/^POST \/api\/v1\/restorations$/, restore],
  [
    /^GET \/api\/v1\/restorations$/,
    ({ mock }) => ({ body: { restorations: [mock.restoration ?? []].flat() } }),
  ],
  [/^GET \/api\/v1\/restorations\/([^/]+)$/, ({ mock }) => ({ body: mock.restoration })],
  [/^DELETE \/api\/v1\/restorations\/([^/]+)$/, stop],
  [/^GET \/api\/v1\/own-channels\/([^/]+)$/, ({ mock }) => ({ body: mock.own })],
  [
    /^GET \/api\/v1\/own-channels\/([^/]+)\/vouches$/,
    ({ mock }) => ({ body: { channels: mock.vouched, unpublished: mock.unlisted } }),
  ],
  [/^PUT \/api\/v1\/own-channels\/([^/]+)\/vouches\/([^/]+)$/, vouch],
  [/^DELETE \/api\/v1\/own-channels\/([^/]+)\/vouches\/([^/]+)$/, vouchNoMore],
  [/^POST \/api\/v1\/own-channels\/([^/]+)\/mirrors$/, addMirror],
  [/^DELETE \/api\/v1\/own-channels\/([^/]+)\/mirrors$/, removeMirror],
  [/^POST \/api\/v1\/own-channels\/([^/]+)\/rotate$/, replaceKey],
  [/^POST \/api\/v1\/own-channels\/([^/]+)\/hand-over$/, handOver],
  [/^PUT \/api\/v1\/own-channels\/([^/]+)\/passphrase$/, lock],
  [/^DELETE \/api\/v1\/own-channels\/([^/]+)\/secret$/, removeSecret],
  [/^POST \/api\/v1\/own-channels\/([^/]+)\/publish$/, publish],
  [/^PUT \/api\/v1\/own-channels\/([^/]+)\/domain$/, claim],
  [/^POST \/api\/v1\/own-channels\/([^/]+)\/domain$/, ask],
];
