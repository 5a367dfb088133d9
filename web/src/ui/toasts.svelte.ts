// Short notices at the foot of the page, and the list they wait in.

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'bad';
  action?: { label: string; do: () => void } | undefined;
}

const LASTS_MS = 5_000;
const LASTS_WITH_ACTION_MS = 9_000;
let next = 0;

export const toasts = $state<Toast[]>([]);

/** Shows a notice; it goes by itself. */
export function toast(text: string, tone: Toast['tone'] = 'plain', action?: Toast['action']): void {
  const id = next++;
  toasts.push({ id, text, tone, action });
  if (toasts.length > 3) toasts.shift();
  setTimeout(() => dismiss(id), action || tone === 'bad' ? LASTS_WITH_ACTION_MS : LASTS_MS);
}

export function dismiss(id: number): void {
  const at = toasts.findIndex((one) => one.id === id);
  if (at >= 0) toasts.splice(at, 1);
}
