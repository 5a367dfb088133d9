// How a channel is, in the reader's words.
import type { Channel } from '../api/shapes';
import { t, known } from '../words/index.svelte';
import { explain } from '../words/problem';

const word = (state: Channel['state']): string => state.replaceAll('_', '-');

/** One word for a list: `Up to date`. */
export const stateName = ({ state }: Pick<Channel, 'state'>): string => t(`channel-state-${word(state)}`);

/** Whether its followers have reason to worry. */
export const isWorrying = ({ state }: Channel): boolean =>
  ['frozen', 'refused', 'no_room', 'two_versions', 'damaged', 'handed_over'].includes(state);

/** What is wrong with it and what to do; nothing if all is well. */
export function complaintOf(channel: Channel): { title: string; text: string } | null {
  const { problem } = channel;
  if (problem !== null) return explain(problem);
  if (!isWorrying(channel)) return null;
  const name = `channel-said-${word(channel.state)}${movedHow(channel)}`;
  return { title: known(name) ?? channel.sentence, text: known(`${name}-hint`) ?? channel.hint };
}

/** A channel that moved is followed to its new address, unless it is our own or the new one is not wanted here. */
function movedHow({ state, own, successor_blocked }: Channel): string {
  if (state !== 'handed_over') return '';
  if (own) return '-own';
  return successor_blocked ? '-blocked' : '';
}

/** How long people are told that a channel moved. */
const MOVED_FOR_MS = 30 * 24 * 3600 * 1000;

/** Whether its publisher handed it over not long ago. */
export const movedLately = ({ moved_at }: Pick<Channel, 'moved_at'>): boolean =>
  moved_at !== null && Date.now() - Date.parse(moved_at) < MOVED_FOR_MS;

/** What it is called: by a name of the household's own, if it gave one. */
export const nameOf = (channel: { name: string; petname?: string | null }): string =>
  channel.petname || channel.name || t('channel-unnamed');

/** What is in it: titles, or what a filter marks and hides. */
export function contentOf({ kind, filter, titles }: Pick<Channel, 'kind' | 'filter' | 'titles'>): string {
  if (filter) {
    const hides = t(filter.applied ? 'filter-hides' : 'filter-would-hide', { count: filter.hides });
    return `${t('filter-entries', { count: filter.entries })} · ${hides}`;
  }
  return kind === 'filter' ? t('filter-unpublished') : t('title-count', { count: titles });
}

/** What is being done with it just now. */
export const stepOf = (channel: Pick<Channel, 'progress'>): string | null =>
  channel.progress === null ? null : t(`step-${word(channel.progress.step as Channel['state'])}`);
