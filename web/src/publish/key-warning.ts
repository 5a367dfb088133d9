// What somebody reads who is about to change a key.
import { t } from '../words/index.svelte';

/** What it does and what others will see, and what the button says. */
export interface Warning {
  title: string;
  points: string[];
  go: string;
}

/** Before another passphrase, or the first one. */
export function lockWarning(locked: boolean): Warning {
  return {
    title: t(locked ? 'key-lock' : 'key-lock-first'),
    points: [t('key-lock-why')],
    go: t(locked ? 'key-lock-go' : 'key-lock-first-go'),
  };
}
