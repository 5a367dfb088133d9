// The addresses actions lead to.

export const titleLink = (id: string): string => `#/title/${encodeURIComponent(id)}`;

export const channelLink = (id: string): string => `#/channel/${encodeURIComponent(id)}`;

/** Where a channel's address is looked at before anybody is asked for it. */
export const followLink = (address: string): string => `#/follow/${encodeURIComponent(address)}`;

/** Where an item is played; in a chosen release, or from the very start. */
export function playLink(item: string, options: { release?: string; from?: number } = {}): string {
  const query = new URLSearchParams();
  if (options.release) query.set('release', options.release);
  if (options.from !== undefined) query.set('from', String(options.from));
  const tail = query.size > 0 ? `?${query}` : '';
  return `#/play/${encodeURIComponent(item)}${tail}`;
}

/** Where a file of a dropped torrent is played. */
export const playFileLink = (torrent: string, file: number): string =>
  `#/play/${encodeURIComponent(torrent)}?file=${file}`;

export const browseLink = (
  place: 'films' | 'series' | 'shorts' | 'all',
  filter: Record<string, string> = {},
): string => {
  const query = new URLSearchParams(filter);
  return query.size > 0 ? `#/${place}?${query}` : `#/${place}`;
};

/** What a row of titles is narrowed to, where no place shows that kind alone. */
export const KIND_OF_ROW: Record<string, string> = {
  concerts: 'concert',
  performances: 'performance',
  lectures: 'lecture',
  newsreels: 'newsreel',
};

/** All titles of a channel. */
export const channelTitlesLink = (id: string, place: 'films' | 'series' | 'shorts' | 'all' = 'all'): string =>
  browseLink(place, { channel: id });
