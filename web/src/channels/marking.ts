// The lines by which entries come into a filter: a thing each, and a note that stays on this computer.
import type { Title } from '../api/shapes';

const V1 = /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/gi;
/** In a magnet link two bytes before it say what sort of hash it is (BEP 9). */
const V2 = /(?<![0-9a-f])(?:1220)?([0-9a-f]{64})(?![0-9a-f])/gi;

/** The infohashes in what somebody pasted: one as it is, or those of a magnet link. */
export const hashesIn = (text: string): string[] => [
  ...new Set([...text.matchAll(V1), ...text.matchAll(V2)].map((found) => found[1] ?? found[0])),
];

/** The end of a magnet link names trackers and files: only what comes before them says which torrent it is. */
const namesIn = (magnet: string): string[] =>
  magnet.split('&').flatMap((part) => (part.includes('xt=') ? hashesIn(part) : []));

/** Titles of a channel have an id there; others are known by their torrents alone. */
export const isOfChannel = ({ id }: Pick<Title, 'id'>): boolean => /^[a-z0-9]{52}\./.test(id);

const torrentsOf = ({ releases, seasons }: Pick<Title, 'releases' | 'seasons'>): string[] => {
  const episodes = seasons.flatMap((season) => season.episodes);
  const all = [...releases, ...episodes.flatMap((episode) => episode.releases)];
  return [...new Set(all.flatMap(({ magnet }) => namesIn(magnet)))];
};

/** What a title is named by: itself, and, if that is wished or there is nothing else, each of its torrents. */
export const thingsOf = (title: Title, torrents: boolean): string[] => [
  ...(isOfChannel(title) ? [title.id] : []),
  ...(torrents || !isOfChannel(title) ? torrentsOf(title) : []),
];

/** A torrent as somebody pasted it. What is no magnet link goes as it is: the server says what is wrong with it. */
export function torrentsIn(text: string): string[] {
  const found = text.startsWith('magnet:') ? namesIn(text) : hashesIn(text);
  return found.length > 0 ? found : [text.replaceAll(/\s+/g, '')];
}

/** A list of these things, all with one note. */
export const listOf = (things: string[], note: string): string =>
  things.map((thing) => (note.trim() === '' ? thing : `${thing} # ${note.trim()}`)).join('\n');
