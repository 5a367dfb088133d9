// The short facts under a title's name.
import type { Card, Kind } from '../api/shapes';
import { duration, list, ownLanguageName, percent } from '../words/format';
import { known, t } from '../words/index.svelte';

/** Whether what it is cannot be told from how long it is. */
export const isFiner = (kind: Kind): boolean => !['film', 'series', 'short'].includes(kind);

/** `1937 · 1 h 20 min`, `1958 · Concert · 50 min` */
export function facts(card: Card): string {
  const kind = card.kind === 'series' || isFiner(card.kind) ? kindName(card.kind) : null;
  const length = card.kind !== 'series' && card.runtime_s ? duration(card.runtime_s) : null;
  return [card.year === null ? null : String(card.year), kind, length].filter(Boolean).join(' · ');
}

/** From how many letters on a name in large is set smaller, and how much smaller it gets at most. */
const USUAL_NAME = 36;
const SMALLEST = 0.5;

/** How large a name stands over its page, from 1 down: whoever has a long one still leaves room for what follows. */
export const nameScale = (name: string): number =>
  Math.max(SMALLEST, Math.min(1, Math.sqrt(USUAL_NAME / Math.max(1, name.length))));

/** What a card adds while it is pointed at: genres, qualities, subtitles. */
export function extra(card: Card): string {
  const subtitles = card.subtitle_languages.slice(0, 4).map(ownLanguageName);
  return [
    card.genres.slice(0, 3).map(genre).join(', '),
    card.qualities.join(', '),
    subtitles.length > 0 ? t('card-subtitles', { languages: list(subtitles) }) : '',
  ]
    .filter(Boolean)
    .join(' · ');
}

/** A genre's name, in our words when we have them. */
export function genre(value: string): string {
  const id = `genre-${value.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  return known(id) ?? value.charAt(0).toUpperCase() + value.slice(1);
}

export function kindName(value: string): string {
  return known(`kind-${value}`) ?? value;
}

export function playedLabel(fraction: number): string {
  return t('card-played', { percent: percent(fraction) });
}
