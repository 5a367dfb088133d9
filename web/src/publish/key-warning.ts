// What somebody reads who is about to change a key.
import { t } from '../words/index.svelte';

/** What it does and what others will see, and what the button says. */
export interface Warning {
  title: string;
  points: string[];
  go: string;
}

/** What is to be done: another online key, another root key, another passphrase, no secret on this computer. */
export type Change = 'replace' | 'hand-over' | 'lock' | 'remove';

/** What a secret asks for before it is used. */
export type Asked = 'nothing' | 'passphrase' | 'words';

/** How the secret is kept. */
export interface Kept {
  secret: boolean;
  locked: boolean;
}

export function asked({ secret, locked }: Kept): Asked {
  if (!secret) return 'words';
  return locked ? 'passphrase' : 'nothing';
}

/** How the secret is kept, in a sentence; `open` says it of one that lies open. */
export function kept(own: Kept, open: string): string {
  return { words: t('keys-away'), passphrase: t('keys-locked'), nothing: open }[asked(own)];
}

/** Before the secret is taken off this computer. */
export function removeWarning(): Warning {
  return {
    title: t('key-remove'),
    points: [t('key-remove-why'), t('key-remove-see'), t('key-remove-copies')],
    go: t('key-remove-go'),
  };
}

/** Before a secret is put back that was taken off. */
export function putBackWarning(): Warning {
  return { title: t('key-put-back'), points: [t('key-put-back-why')], go: t('key-put-back-go') };
}

/** Before another passphrase, or the first one. */
export function lockWarning(locked: boolean): Warning {
  return {
    title: t(locked ? 'key-lock' : 'key-lock-first'),
    points: [t('key-lock-why')],
    go: t(locked ? 'key-lock-go' : 'key-lock-first-go'),
  };
}
