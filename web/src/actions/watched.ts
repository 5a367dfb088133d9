// Marking a title or an episode as seen, or as not seen.
import { setWatched } from '../api/client';
import { t } from '../words/index.svelte';
import { attempt, type Action } from './action';

/** Anything that can be seen: a title, or an episode. */
interface Seeable {
  id: string;
  watched: boolean;
}

export const watched: Action<Seeable> = {
  id: 'watched',
  label: (item) => (item.watched ? t('action-unwatched') : t('action-watched')),
  icon: () => 'check',
  key: 'w',
  when: () => true,
  async do(item) {
    const before = item.watched;
    await attempt(
      () => (item.watched = !before),
      () => setWatched(item.id, !before),
      () => (item.watched = before),
    );
  },
};
