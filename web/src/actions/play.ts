// Playing a title: what the button says, and where it leads.
import type { Card, Episode, Release, Title } from '../api/shapes';
import { clock } from '../words/format';
import { t } from '../words/index.svelte';
import { playLink } from './links';

/** Nearer to the end than this, there is nothing left to go on with. */
const FINISHED = 0.95;

const position = (of: Card | Episode): number | null =>
  of.progress && of.progress.fraction < FINISHED && of.progress.position_s > 5
    ? of.progress.position_s
    : null;

export interface PlayChoice {
  label: string;
  href: string;
}

/** The first button of a film's page says what will happen. */
export function playFilm(title: Title, release: Release | undefined): PlayChoice {
  const at = position(title);
  const label =
    at !== null
      ? t('play-resume', { time: clock(at) })
      : t('play-quality', { quality: release?.quality ?? '' });
  return { label, href: playLink(title.id, release ? { release: release.id } : {}) };
}

/** And of an episode. */
export function playEpisode(episode: Episode): PlayChoice {
  const at = position(episode);
  const values = { season: episode.season, number: episode.number };
  const label =
    at !== null ? t('play-episode-resume', { ...values, time: clock(at) }) : t('play-episode', values);
  return { label, href: playLink(episode.id) };
}

/** Where a card leads when it is played without looking at its page first. */
export const playCard = (card: Card): string => playLink(card.progress?.item_id ?? card.id);
