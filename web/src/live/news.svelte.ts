// The server's news, as counters a page can depend on: when one grows, what it stands for has changed.
import { listen, type ServerEvent } from '../api/events';

export const changes = $state({ library: 0, channels: 0, progress: 0, downloads: 0, settings: 0 });

const hears: Partial<Record<ServerEvent['type'], () => void>> = {
  library: () => (changes.library += 1),
  channels: () => (changes.channels += 1),
  progress: () => (changes.progress += 1),
  download: () => (changes.downloads += 1),
  download_removed: () => (changes.downloads += 1),
  settings: () => (changes.settings += 1),
};

/** Follows the news until `signal` says stop; after a break, everything may have changed. */
export function follow(signal: AbortSignal): void {
  const missed = () => Object.values(hears).forEach((changed) => changed());
  void listen((event) => hears[event.type]?.(), missed, signal);
}
