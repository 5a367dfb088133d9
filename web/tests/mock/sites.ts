// The sites of the mock: one of the household's own, one that was visited, and one that can be found.
import type { Site } from '../../src/api/shapes';

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
  url: null,
  ...more,
});

export const sites = (): Site[] => [
  site('hhrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy', 'Our festival', { own: true, scripts: true }),
  site('ssrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy', 'Silent Evenings, the notes', {
    state: 'frozen',
  }),
];

interface Call {
  mock: { sites: Site[]; search: Promise<void> };
  ids: string[];
  body: Record<string, unknown>;
}

type Answer = { status?: number; body?: unknown } | null;

async function open({ mock, body }: Call): Promise<Answer> {
  await mock.search;
  const id = String(body['address']).replace('kinora:', '');
  if (id === FOUND_SITE && !mock.sites.some((one) => one.id === id))
    mock.sites.push(site(id, 'Harbour Films, the site', { files: 1 }));
  const here = mock.sites.find((one) => one.id === id);
  if (!here) return { status: 404, body: { status: 404, code: 'site_unknown', title: 'Not here.' } };
  here.url = `http://${id}.site.localhost:1/`;
  return { body: here };
}

function forget({ mock, ids }: Call): Answer {
  mock.sites = mock.sites.filter((one) => one.id !== ids[0]);
  return {};
}

export const SITE_ROUTES: [RegExp, (call: Call) => Answer | Promise<Answer>][] = [
  [/^GET \/api\/v1\/sites$/, ({ mock }) => ({ body: { sites: mock.sites } })],
  [/^POST \/api\/v1\/sites$/, open],
  [/^DELETE \/api\/v1\/sites\/([^/]+)$/, forget],
];
