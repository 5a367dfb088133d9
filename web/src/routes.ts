// The places of the page and their addresses. They stand in the hash, so that any server can serve the page.

export type Route =
  | { place: 'home' }
  | { place: 'browse'; kind: string; query: URLSearchParams }
  | { place: 'search'; q: string }
  | { place: 'title'; id: string }
  | { place: 'play'; item: string; query: URLSearchParams }
  | { place: 'channels' }
  | { place: 'channel'; id: string }
  | { place: 'publish'; id: string }
  | { place: 'follow'; address: string }
  | { place: 'sites' }
  | { place: 'site'; id: string }
  | { place: 'library' }
  | { place: 'downloads' }
  | { place: 'settings' }
  | { place: 'network' }
  | { place: 'about' }
  | { place: 'nowhere' };

export type Place = Route['place'];

const SIMPLE = ['channels', 'sites', 'library', 'downloads', 'settings', 'network', 'about'] as const;
const KINDS: Record<string, string> = { films: 'film', series: 'series', shorts: 'short', all: '' };

/** Reads an address: `#/title/abc`, `#/films?genre=comedy`. */
export function parse(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?', 2);
  const parts = path.split('/').filter(Boolean).map(decode);
  const query = new URLSearchParams(search);
  if (path.startsWith('/follow/'))
    return { place: 'follow', address: decode(hash.slice('#/follow/'.length)) };
  const [first, second] = parts;
  if (first === undefined) return { place: 'home' };
  if (first === 'search') return { place: 'search', q: query.get('q') ?? '' };
  if (first === 'title' && second) return { place: 'title', id: second };
  if (first === 'site') return { place: 'site', id: second ?? '' };
  if (first === 'publish') return { place: 'publish', id: second ?? '' };
  if (first === 'channel' && second) return { place: 'channel', id: second };
  if (first === 'play' && second) return { place: 'play', item: second, query };
  const kind = KINDS[first];
  if (kind !== undefined) return { place: 'browse', kind, query };
  const simple = SIMPLE.find((place) => place === first);
  return simple ? { place: simple } : { place: 'nowhere' };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
