// Fetching a release whole, to watch it later or without the network.
import * as api from '../api/client';
import { changes } from '../live/news.svelte';
import { toast } from '../ui/toasts.svelte';
import { t } from '../words/index.svelte';
import { complain } from './action';

export async function download(item: string, release: string): Promise<void> {
  try {
    await api.download(item, release);
    changes.downloads += 1;
    toast(t('download-started'), 'plain', {
      label: t('nav-downloads'),
      do: () => (location.hash = '#/downloads'),
    });
  } catch (cause) {
    complain(cause);
  }
}
