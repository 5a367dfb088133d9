// The channels of the mock: followed ones in every state, and whatever a journey follows or makes.
import type { Channel, ChannelList, Row, Title } from '../../src/api/shapes';

/** The address of a channel that nobody follows yet; looking for it succeeds after a moment. */
export const NEW_KEY = 'tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy';
/** The channel that some of the mock's titles came with. */
export const SILENT_KEY = 'b1ycg3nwyq8ukzn5zjkqxr6ozmi3yq4qp7ufddjnxwfmh3r8w7oo';
export const FROZEN_KEY = 'ffycg3nwyq8ukzn5zjkqxr6ozmi3yq4qp7ufddjnxwfmh3r8w7oo';
const FORKED_KEY = 'kkycg3nwyq8ukzn5zjkqxr6ozmi3yq4qp7ufddjnxwfmh3r8w7oo';

export function channel(id: string, name: string, more: Partial<Channel> = {}): Channel {
  return {
    id,
    kind: 'catalogue',
    filter: null,
    address: `kinora:${id}`,
    magnet: `magnet:?xs=urn:btpk:${'0f'.repeat(32)}`,
    name,
    about: '',
    publisher: name,
    contact: ['mailto:rights@example.org'],
    version: 3,
    issued_at: new Date(Date.now() - 3 * 86_400_000).toISOString(),
    last_seen_at: new Date(Date.now() - 7_200_000).toISOString(),
    titles: 0,
    followed: true,
    own: false,
    state: 'fresh',
    sentence: 'The channel is up to date.',
    hint: 'Nothing needs to be done.',
    progress: null,
    problem: null,
    successor: null,
    successor_blocked: false,
    moved_from: null,
    moved_at: null,
    domain: null,
    vouched_at: null,
    refused_successor: null,
    resembles: null,
    ...more,
  };
}

/** What a household might follow; the first one brought the silent films. */
export const channels = (): Channel[] => [
  channel(SILENT_KEY, 'Silent Evenings', {
    about: 'Films from before sound, restored and in the public domain.\nA new one every Friday.',
    publisher: 'Cinémathèque of the Old Harbour',
    contact: ['mailto:rights@example.org', 'https://example.org/rights'],
    domain: 'example.org',
  }),
  channel(FROZEN_KEY, 'Night Train Animation', { state: 'frozen', domain: 'night-train.example' }),
  channel(FORKED_KEY, 'Two Voices', { state: 'two_versions' }),
];

/** Gives the silent films to the channel that brought them. */
export function published(titles: Title[]): Title[] {
  for (const title of titles.filter((one) => one.genres.includes('silent'))) {
    title.channel = SILENT_KEY;
    title.provenance = [
      {
        channel: SILENT_KEY,
        name: 'Silent Evenings',
        publisher: 'Cinémathèque of the Old Harbour',
        title_id: `${SILENT_KEY}.${title.id}`,
      },
    ];
  }
  return titles;
}

interface State {
  channels: Channel[];
  blockedChannels: ChannelList['blocked'];
  titles: Title[];
}

interface Call {
  mock: State;
  url: URL;
  ids: string[];
  body: Record<string, unknown>;
}

type Answer = { status?: number; body?: unknown } | null;

/** What those that are followed vouch for, unless it is blocked. */
function foundChannels({ mock }: Call): Answer {
  const of = (id: string) => mock.channels.find((channel) => channel.id === id);
  const vouchers = [SILENT_KEY, FROZEN_KEY].map(of).filter((one) => one !== undefined);
  const blocked = mock.blockedChannels.some(({ id }) => id === NEW_KEY);
  const shown = {
    id: NEW_KEY,
    address: `kinora:${NEW_KEY}`,
    name: 'Old Trains',
    about: 'Railways, filmed from the footplate.',
    languages: ['de', 'en'],
    vouched_by: vouchers.map(({ id, name }) => ({ id, name })),
    followed: of(NEW_KEY)?.followed ?? false,
    own: false,
    resembles: vouchers[0] ? { id: vouchers[0].id, name: 'Old Tra1ns' } : null,
  };
  return { body: { channels: blocked || vouchers.length === 0 ? [] : [shown] } };
}

/** A domain that vouches for every channel but one. */
function askDomain(call: Call): Answer {
  const channel = found(call);
  if (channel?.id === FROZEN_KEY) {
    return { status: 409, body: { status: 409, code: 'domain_silent', title: 'It does not vouch for it.' } };
  }
  Object.assign(channel ?? {}, { vouched_at: new Date(Date.now() - 1000).toISOString() });
  return one(call);
}

/** What a filter says holds for the titles at once. */
function apply(on: boolean) {
  return (call: Call): Answer => {
    const filter = found(call)?.filter;
    if (filter) filter.applied = on;
    return {};
  };
}

function showAnyway(on: boolean) {
  return ({ mock, ids }: Call): Answer => {
    const title = mock.titles.find((one) => one.id === ids[0]);
    if (title) title.shown_anyway = on;
    return {};
  };
}

const keyIn = (text: string): string | null => /[a-z0-9]{52}/.exec(text)?.[0] ?? null;
const found = ({ mock, ids }: Call): Channel | undefined => mock.channels.find((one) => one.id === ids[0]);

const list = ({ mock }: Call): Answer => ({
  body: {
    channels: mock.channels.map((one) => ({
      ...one,
      titles: mock.titles.filter((title) => title.channel === one.id).length,
    })),
    blocked: mock.blockedChannels,
  },
});

function one(call: Call): Answer {
  const channel = found(call);
  const titles = call.mock.titles.filter((title) => title.channel === channel?.id).length;
  return channel ? { body: { ...channel, titles } } : null;
}

function read({ mock, url }: Call): Answer {
  const text = url.searchParams.get('text') ?? '';
  const id = keyIn(text);
  if (id === null) {
    return { status: 422, body: { status: 422, code: 'bad_address', title: 'This is no address.' } };
  }
  const known = mock.channels.find((channel) => channel.id === id);
  return {
    body: {
      id,
      address: text,
      title: /[a-z0-9]{52}\.([\w-]+)/.exec(text)?.[1] ?? null,
      peers: [...text.matchAll(/x\.pe=([^&]+)/g)].map((match) => match[1]),
      followed: known?.followed ?? false,
      own: known?.own ?? false,
      blocked: mock.blockedChannels.some((blocked) => blocked.id === id),
    },
  };
}

function follow({ mock, body }: Call): Answer {
  const address = String(body['address']);
  const id = keyIn(address) ?? '';
  const known = mock.channels.find((channel) => channel.id === id);
  if (known) {
    Object.assign(known, { state: 'following', problem: null });
    return { status: 202, body: known };
  }
  const coming = channel(id, '', {
    address,
    version: 0,
    last_seen_at: null,
    issued_at: null,
    followed: false,
    state: 'following',
    progress: { step: 'searching', done_bytes: 0, wanted_bytes: 0, peers: 0 },
  });
  mock.channels.push(coming);
  return { status: 202, body: coming };
}

function forgive(call: Call): Answer {
  Object.assign(found(call) ?? {}, { state: 'fresh' });
  return {};
}

function leave(call: Call): Answer {
  call.mock.channels = call.mock.channels.filter((channel) => channel.id !== call.ids[0]);
  return {};
}

function block(call: Call): Answer {
  call.mock.blockedChannels.push({ id: call.ids[0] ?? '', name: found(call)?.name ?? '' });
  return leave(call);
}

function unblock({ mock, ids }: Call): Answer {
  mock.blockedChannels = mock.blockedChannels.filter((blocked) => blocked.id !== ids[0]);
  return {};
}

function shelves({ mock, ids }: Call): Answer {
  const titles = mock.titles.filter((title) => title.channel === ids[0]);
  const row = (id: string, of: Title[]): Row => ({ id, label_key: `row-${id}`, label_args: {}, titles: of });
  const rows = [
    row('popular', titles),
    row(
      'films',
      titles.filter((title) => title.kind === 'film'),
    ),
  ];
  return { body: { rows: rows.filter(({ titles: some }) => some.length > 0) } };
}

export const CHANNEL_ROUTES: [RegExp, (call: Call) => Answer][] = [
  [/^GET \/api\/v1\/channels$/, list],
  [/^POST \/api\/v1\/channels$/, follow],
  [/^GET \/api\/v1\/found-channels$/, foundChannels],
  [/^POST \/api\/v1\/channels\/([^/]+)\/vouched$/, askDomain],
  [/^GET \/api\/v1\/channel-address$/, read],
  [/^GET \/api\/v1\/channels\/([^/]+)$/, one],
  [/^DELETE \/api\/v1\/channels\/([^/]+)$/, leave],
  [/^POST \/api\/v1\/channels\/([^/]+)\/refresh$/, one],
  [/^POST \/api\/v1\/channels\/([^/]+)\/forgiven$/, forgive],
  [/^GET \/api\/v1\/channels\/([^/]+)\/shelves$/, shelves],
  [/^PUT \/api\/v1\/channels\/([^/]+)\/applied$/, apply(true)],
  [/^DELETE \/api\/v1\/channels\/([^/]+)\/applied$/, apply(false)],
  [/^PUT \/api\/v1\/titles\/([^/]+)\/shown-anyway$/, showAnyway(true)],
  [/^DELETE \/api\/v1\/titles\/([^/]+)\/shown-anyway$/, showAnyway(false)],
  [/^PUT \/api\/v1\/channels\/([^/]+)\/blocked$/, block],
  [/^DELETE \/api\/v1\/channels\/([^/]+)\/blocked$/, unblock],
];
