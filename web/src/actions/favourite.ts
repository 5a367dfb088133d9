// Keeping a title in the viewer's own library.
import { setFavourite } from '../api/client';
import type { Card } from '../api/shapes';
import { t } from '../words/index.svelte';
import { attempt, type Action } from './action';

export const favourite: Action<Card> = {
  id: 'favourite',
  label: (card) => (card.favourite ? t('action-unfavourite') : t('action-favourite')),
  icon: (card) => (card.favourite ? 'hearted' : 'heart'),
  key: 'b',
  when: () => true,
  async do(card) {
    const before = card.favourite;
    await attempt(
      () => (card.favourite = !before),
      () => setFavourite(card.id, !before),
      () => (card.favourite = before),
    );
  },
};
