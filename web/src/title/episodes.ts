// Which episode comes next, and which season to show first.
import type { Episode, Title } from '../api/shapes';

const inOrder = (title: Title): Episode[] => title.seasons.flatMap((season) => season.episodes);

/** The episode to go on with: the server's choice, else the first not seen, else the first of all. */
export function nextEpisode(title: Title): Episode | null {
  const all = inOrder(title);
  return (
    all.find((episode) => episode.id === title.next_episode_id) ??
    all.find((episode) => !episode.watched) ??
    all[0] ??
    null
  );
}

/** The season that holds it. */
export function firstSeason(title: Title): number {
  const next = nextEpisode(title);
  return next?.season ?? title.seasons[0]?.number ?? 1;
}
