// Taking a title out of "continue watching" by forgetting where it was left.
import { forgetProgress } from '../api/client';
import type { Card } from '../api/shapes';
import { changes } from '../live/news.svelte';
import { t } from '../words/index.svelte';
import { complain, type Action } from './action';

export const forget: Action<Card> = {
  id: 'forget',
  label: () => t('action-forget'),
  icon: () => 'close',
  key: null,
  when: (card) => card.progress !== null,
  async do(card) {
    if (!card.progress) return;
    try {
      await forgetProgress(card.progress.item_id);
      card.progress = null;
      changes.progress += 1;
    } catch (cause) {
      complain(cause);
    }
  },
};
