// Every request the page makes. The only folder that knows addresses of the server.
import createClient, { type Middleware } from 'openapi-fetch';
import { ApiError, problemOf, unreachable } from './problem';
import type { paths } from './schema';
import { authorization } from './token';
import type {
  AddressRead,
  Blocked,
  Channel,
  ChannelList,
  CreatedChannel,
  Download,
  Facets,
  Home,
  Network,
  NewChannel,
  OwnChannel,
  Playback,
  PlaybackState,
  Row,
  SearchResult,
  Settings,
  SettingsPatch,
  Sharing,
  Site,
  Title,
} from './shapes';

const withToken: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(authorization())) request.headers.set(name, value);
    return request;
  },
};

// The fetch of the moment, so that a test can put its own in place.
export const http = createClient<paths>({
  baseUrl: location.origin,
  fetch: (request) => globalThis.fetch(request),
});
http.use(withToken);

type Answer<T> = { data?: T | undefined; error?: unknown; response: Response };

/** Unwraps an answer: its data, or an [`ApiError`]. */
export async function answer<T>(pending: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await pending.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw cause instanceof ApiError ? cause : unreachable();
  });
  if (!response.ok) throw problemOf(response.status, error);
  return data as T;
}

export type Sort = 'popular' | 'name' | 'year' | 'added';

/** What a list of titles is narrowed by; every field is one the server knows. */
export interface Filter {
  kind?: string;
  channel?: string;
  genre?: string;
  language?: string;
  subtitle?: string;
  licence?: string;
  quality?: string;
  decade?: number;
  favourite?: boolean;
  watched?: boolean;
  sort?: Sort;
}

export const home = (): Promise<Home> => answer(http.GET('/api/v1/home'));

export const facets = (): Promise<Facets> => answer(http.GET('/api/v1/facets'));

export const titles = (filter: Filter, limit: number, offset: number) =>
  answer(http.GET('/api/v1/titles', { params: { query: { ...filter, limit, offset } } }));

export const title = (id: string): Promise<Title> =>
  answer(http.GET('/api/v1/titles/{id}', { params: { path: { id } } }));

export const search = (q: string, limit: number, signal: AbortSignal): Promise<SearchResult> =>
  answer(http.GET('/api/v1/search', { params: { query: { q, limit } }, signal }));

export interface PlayOptions {
  release_id?: string;
  position_s?: number;
  can_play?: string[];
}

export const play = (item_id: string, options: PlayOptions): Promise<Playback> =>
  answer(http.POST('/api/v1/play', { body: { item_id, ...options } }));

export const playFile = (id: string, file: number): Promise<Playback> =>
  answer(http.POST('/api/v1/torrents/{id}/play', { params: { path: { id } }, body: { file } }));

export const playback = (id: string): Promise<PlaybackState> =>
  answer(http.GET('/api/v1/playbacks/{id}', { params: { path: { id } } }));

/** Says that nobody watches any more. `keepalive` lets the request outlive the page. */
export const endPlayback = (id: string): Promise<unknown> =>
  answer(http.DELETE('/api/v1/playbacks/{id}', { params: { path: { id } }, keepalive: true }));

export const saveProgress = (item_id: string, position_s: number, duration_s: number): Promise<unknown> =>
  answer(
    http.PUT('/api/v1/progress/{item_id}', {
      params: { path: { item_id } },
      body: { position_s, duration_s },
      keepalive: true,
    }),
  );

export const forgetProgress = (item_id: string): Promise<unknown> =>
  answer(http.DELETE('/api/v1/progress/{item_id}', { params: { path: { item_id } } }));

export function setFavourite(title_id: string, on: boolean): Promise<unknown> {
  const params = { params: { path: { title_id } } };
  const path = '/api/v1/favourites/{title_id}' as const;
  return on ? answer(http.PUT(path, params)) : answer(http.DELETE(path, params));
}

export function setWatched(item_id: string, on: boolean): Promise<unknown> {
  const params = { params: { path: { item_id } } };
  const path = '/api/v1/watched/{item_id}' as const;
  return on ? answer(http.PUT(path, params)) : answer(http.DELETE(path, params));
}

export function setBlocked(title_id: string, on: boolean): Promise<unknown> {
  const params = { params: { path: { title_id } } };
  const path = '/api/v1/blocked/{title_id}' as const;
  return on ? answer(http.PUT(path, params)) : answer(http.DELETE(path, params));
}

export const blocked = async (): Promise<Blocked[]> => (await answer(http.GET('/api/v1/blocked'))).titles;

export const settings = (): Promise<Settings> => answer(http.GET('/api/v1/settings'));

export const saveSettings = (body: SettingsPatch): Promise<Settings> =>
  answer(http.PATCH('/api/v1/settings', { body }));

export const consent = (sharing: Sharing): Promise<unknown> =>
  answer(http.POST('/api/v1/consent', { body: { given: true, sharing } }));

export const downloads = async (): Promise<Download[]> =>
  (await answer(http.GET('/api/v1/downloads'))).downloads;

export const download = (item_id: string, release_id: string): Promise<Download> =>
  answer(http.POST('/api/v1/downloads', { body: { item_id, release_id } }));

export const changeDownload = (id: string, body: { paused?: boolean; pinned?: boolean }): Promise<unknown> =>
  answer(http.PATCH('/api/v1/downloads/{id}', { params: { path: { id } }, body }));

export const removeDownload = (id: string, delete_files: boolean): Promise<unknown> =>
  answer(http.DELETE('/api/v1/downloads/{id}', { params: { path: { id }, query: { delete_files } } }));

export const channels = (): Promise<ChannelList> => answer(http.GET('/api/v1/channels'));

const ofChannel = (id: string) => ({ params: { path: { id } } });

export const channel = (id: string): Promise<Channel> =>
  answer(http.GET('/api/v1/channels/{id}', ofChannel(id)));

/** Reads what somebody pasted; nobody is contacted. */
export const readAddress = (text: string): Promise<AddressRead> =>
  answer(http.GET('/api/v1/channel-address', { params: { query: { text } } }));

export const followChannel = (address: string): Promise<Channel> =>
  answer(http.POST('/api/v1/channels', { body: { address } }));

export const unfollowChannel = (id: string): Promise<unknown> =>
  answer(http.DELETE('/api/v1/channels/{id}', ofChannel(id)));

export const refreshChannel = (id: string): Promise<Channel> =>
  answer(http.POST('/api/v1/channels/{id}/refresh', ofChannel(id)));

export const shelves = async (id: string): Promise<Row[]> =>
  (await answer(http.GET('/api/v1/channels/{id}/shelves', ofChannel(id)))).rows;

export function setChannelBlocked(id: string, on: boolean): Promise<unknown> {
  const path = '/api/v1/channels/{id}/blocked' as const;
  return on ? answer(http.PUT(path, ofChannel(id))) : answer(http.DELETE(path, ofChannel(id)));
}

export const createChannel = (body: NewChannel): Promise<CreatedChannel> =>
  answer(http.POST('/api/v1/own-channels', { body }));

export const ownChannel = (id: string): Promise<OwnChannel> =>
  answer(http.GET('/api/v1/own-channels/{id}', ofChannel(id)));

export const network = (): Promise<Network> => answer(http.GET('/api/v1/network'));

/** Hands the server a torrent somebody dropped: a magnet link, or the bytes of a .torrent file. */
export async function addTorrent(source: { magnet: string } | Blob): Promise<Download> {
  const file = source instanceof Blob;
  const response = await fetch('/api/v1/torrents', {
    method: 'POST',
    headers: {
      ...authorization(),
      'Content-Type': file ? 'application/x-bittorrent' : 'application/json',
    },
    body: file ? source : JSON.stringify(source),
  }).catch(() => {
    throw unreachable();
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response.status, body);
  return body as Download;
}

export const sites = async (): Promise<Site[]> => (await answer(http.GET('/api/v1/sites'))).sites;

/** Looks for a site and opens it: up to a minute, unless it is given up. */
export const openSite = (address: string, signal: AbortSignal): Promise<Site> =>
  answer(http.POST('/api/v1/sites', { body: { address }, signal }));

export const forgetSite = (id: string): Promise<unknown> =>
  answer(http.DELETE('/api/v1/sites/{id}', { params: { path: { id } } }));
