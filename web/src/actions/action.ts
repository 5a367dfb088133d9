// What an action is: something a viewer can do to something, the same wherever it is offered.
import type { IconName } from '../ui/icons';
import { toast } from '../ui/toasts.svelte';
import { inOneLine } from '../words/problem';

export interface Action<T> {
  id: string;
  label: (target: T) => string;
  icon: (target: T) => IconName;
  /** The key that does it where its target is shown. */
  key: string | null;
  /** Whether it makes sense now. */
  when: (target: T) => boolean;
  do: (target: T) => Promise<void> | void;
}

/** Does something the server must agree to: shown as done at once, taken back with a word when it fails. */
export async function attempt(
  change: () => void,
  ask: () => Promise<unknown>,
  undo: () => void,
): Promise<boolean> {
  change();
  try {
    await ask();
    return true;
  } catch (cause) {
    undo();
    complain(cause);
    return false;
  }
}

/** Says what went wrong and what to do. */
export function complain(cause: unknown): void {
  toast(inOneLine(cause), 'bad');
}
