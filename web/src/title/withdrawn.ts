// What its publisher took back plays from this disk if it is whole, and from nowhere else.
import type { Release, Title } from '../api/shapes';

const isWhole = (release: Release): boolean => release.on_disk_bytes >= release.size_bytes;

/** Those of its releases that can be played, of the title itself or of one of its episodes. */
export const playable = (title: Title, releases: Release[]): Release[] =>
  title.withdrawn ? releases.filter(isWhole) : releases;
