// A torrent somebody offers the page: dropped, pasted, typed into the search, or asked for by the plus button.
import type { Dropped, Refused } from '../actions/add-torrent';

export const offered: { what: Dropped | Refused | 'ask' | null } = $state({ what: null });

/** Takes an offer back, unless another one has come since. */
export function withdraw(what: typeof offered.what): void {
  if (offered.what === what) offered.what = null;
}

export function offer(what: Dropped | Refused | 'ask'): void {
  offered.what = what;
}
