// Copying the link by which anybody, with any BitTorrent program, finds the same film.
import type { Release } from '../api/shapes';
import { toast } from '../ui/toasts.svelte';
import { t } from '../words/index.svelte';
import { attempt } from './action';

const nothing = (): void => undefined;

export async function copyMagnet(release: Release): Promise<void> {
  const copied = await attempt(nothing, () => navigator.clipboard.writeText(release.magnet), nothing);
  if (copied) toast(t('magnet-copied'));
}
