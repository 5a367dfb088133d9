// Hiding a title for good; the settings list what is hidden and bring it back.
import { setBlocked } from '../api/client';
import type { Card } from '../api/shapes';
import { changes } from '../live/news.svelte';
import { toast } from '../ui/toasts.svelte';
import { t } from '../words/index.svelte';
import { complain, type Action } from './action';

async function unblock(card: Card): Promise<void> {
  await setBlocked(card.id, false).catch(complain);
  changes.library += 1;
}

export const block: Action<Card> = {
  id: 'block',
  label: () => t('action-hide'),
  icon: () => 'hide',
  key: null,
  when: () => true,
  async do(card) {
    try {
      await setBlocked(card.id, true);
    } catch (cause) {
      complain(cause);
      return;
    }
    changes.library += 1;
    toast(t('hidden-notice', { name: card.name }), 'plain', {
      label: t('undo'),
      do: () => void unblock(card),
    });
  },
};
