// The episodes before and after the one that plays.
import type { Episode, Playback, Title } from '../api/shapes';

export function episodeOf(title: Title, item: string): Episode | null {
  return title.seasons.flatMap((season) => season.episodes).find((episode) => episode.id === item) ?? null;
}

export function around(title: Title, playback: Playback): { next: Episode | null; previous: Episode | null } {
  const all = title.seasons.flatMap((season) => season.episodes);
  const at = all.findIndex((episode) => episode.id === playback.item_id);
  if (at < 0) return { next: null, previous: null };
  const named = all.find((episode) => episode.id === playback.next_item_id);
  return { next: named ?? all[at + 1] ?? null, previous: all[at - 1] ?? null };
}
