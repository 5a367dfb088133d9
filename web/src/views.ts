// Which component shows which place. Each place is a chunk of its own; the first page is not.
import type { Component } from 'svelte';
import Home from './browse/home.svelte';
import type { Place, Route } from './routes';

type Chunk = Promise<{ default: Component<never> }>;

const chunks: Record<Exclude<Place, 'play'>, () => Chunk> = {
  home: () => Promise.resolve({ default: Home as Component<never> }),
  browse: () => import('./browse/browse.svelte'),
  search: () => import('./browse/search.svelte'),
  title: () => import('./title/title.svelte'),
  channels: () => import('./channels/channels.svelte'),
  channel: () => import('./channels/channel.svelte'),
  follow: () => import('./channels/follow.svelte'),
  publish: () => import('./publish/publish.svelte'),
  sites: () => import('./sites/sites.svelte'),
  site: () => import('./sites/site.svelte'),
  library: () => import('./library/library.svelte'),
  downloads: () => import('./downloads/downloads.svelte'),
  settings: () => import('./settings/settings.svelte'),
  network: () => import('./about/network.svelte'),
  about: () => import('./about/about.svelte'),
  nowhere: () => import('./about/nowhere.svelte'),
};

export interface View {
  component: Component<Record<string, unknown>>;
  props: Record<string, unknown>;
  /** Another key is another visit: the place starts afresh. */
  key: string;
}

export async function view(route: Exclude<Route, { place: 'play' }>): Promise<View> {
  const { place, ...props } = route;
  const component = (await chunks[place]()).default as unknown as View['component'];
  return { component, props, key: keyOf(route) };
}

/** Places that show one thing are entered anew for another one. */
function keyOf(route: Exclude<Route, { place: 'play' }>): string {
  if ('id' in route) return `${route.place} ${route.id}`;
  if (route.place === 'follow') return `follow ${route.address}`;
  return route.place === 'browse' ? `browse ${route.kind}` : route.place;
}

/** The player, which stays while places change under it. */
export const player = () => import('./play/play.svelte');

/** Fetches the other places while nothing else happens, so that going there is instant. */
export function warm(): void {
  const later =
    'requestIdleCallback' in globalThis ? requestIdleCallback : (run: () => void) => setTimeout(run, 800);
  later(() => {
    for (const fetch of [chunks.title, player, chunks.browse, chunks.search])
      void fetch().catch(() => undefined);
  });
}
