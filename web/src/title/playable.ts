// What its publisher took back, or a filter blocks, plays from this disk if it is whole, and from nowhere else.
import type { Release, Title } from '../api/shapes';

const isWhole = (release: Release): boolean => release.on_disk_bytes >= release.size_bytes;

const isStopped = (title: Title): boolean =>
  title.withdrawn || (!title.shown_anyway && title.filters.some(({ action }) => action === 'block'));

/** Those of its releases that can be played, of the title itself or of one of its episodes. */
export const playable = (title: Title, releases: Release[]): Release[] =>
  isStopped(title) ? releases.filter(isWhole) : releases;
