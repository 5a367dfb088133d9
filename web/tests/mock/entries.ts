// The entries of the mock's own filter: what a list names waits until it is published.
import type { FilterEntry } from '../../src/api/shapes';
import { refusal, type Keys } from './keys.ts';

interface Call {
  mock: Keys;
  url: URL;
  body: Record<string, unknown>;
}

type Answer = { status?: number; body?: unknown } | null;

/** As many as one answer has here. */
const LISTED_MAX = 20;
const THING = /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[a-z0-9]{52}(?:\.\S+)?|mark:\S+)$/;

/** The mock's hashes are what they are of. */
const markOf = (thing: string): string => (thing.startsWith('mark:') ? thing : `mark:${thing}`);
const waits = ({ state }: FilterEntry): boolean => state !== 'published';

function count(mock: Keys): void {
  mock.own.waiting_titles = mock.entries.filter(waits).length;
}

function list({ mock, url }: Call): Answer {
  const q = (url.searchParams.get('q') ?? '').toLowerCase();
  const offset = Number(url.searchParams.get('offset') ?? 0);
  const fit = mock.entries
    .filter(({ note, thing }) => `${note} ${thing ?? ''}`.toLowerCase().includes(q))
    .sort((one, other) => Number(waits(other)) - Number(waits(one)));
  const entries = fit.slice(offset, offset + LISTED_MAX);
  return { body: { entries, total: fit.length, unpublished: mock.own.waiting_titles } };
}

function change({ mock, body }: Call): Answer {
  const lines = String(body['list']).split('\n');
  for (const line of lines) {
    const [thing = '', note = ''] = line.split(' # ');
    if (!THING.test(thing)) return refusal(422, 'entries_bad');
    if (body['remove']) takeOff(mock, markOf(thing));
    else put(mock, thing, note, body);
  }
  count(mock);
  return { body: { entries: lines.length, waiting: mock.own.waiting_titles } };
}

function put(mock: Keys, thing: string, note: string, body: Record<string, unknown>): void {
  const known = mock.entries.find(({ mark }) => mark === markOf(thing));
  const said = { action: body['action'], reason: body['reason'] ?? null } as Pick<
    FilterEntry,
    'action' | 'reason'
  >;
  if (known) Object.assign(known, { ...said, state: known.state === 'removed' ? 'published' : 'changed' });
  else mock.entries.push({ mark: markOf(thing), thing, note, ...said, state: 'new' });
}

function takeOff(mock: Keys, mark: string): void {
  mock.entries = mock.entries.filter((one) => one.mark !== mark || one.state !== 'new');
  Object.assign(mock.entries.find((one) => one.mark === mark) ?? {}, { state: 'removed' });
}

/** Followers have what waited. */
export function publishEntries(mock: Keys): void {
  mock.entries = mock.entries.filter(({ state }) => state !== 'removed');
  mock.entries.forEach((one) => (one.state = 'published'));
  mock.own.records = mock.entries.length;
  count(mock);
}

export const ENTRY_ROUTES: [RegExp, (call: Call) => Answer][] = [
  [/^GET \/api\/v1\/own-channels\/([^/]+)\/marks$/, list],
  [/^POST \/api\/v1\/own-channels\/([^/]+)\/entries$/, change],
];
