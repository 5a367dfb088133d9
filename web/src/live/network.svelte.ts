// What passes between us and others right now, asked for while somebody looks.
import * as api from '../api/client';
import type { Network } from '../api/shapes';

const EVERY_MS = 3_000;
const HISTORY = 40;

export const network: { now: Network | null; down: number[]; up: number[]; lost: boolean } = $state({
  now: null,
  down: [],
  up: [],
  lost: false,
});

async function look(): Promise<void> {
  try {
    const now = await api.network();
    network.now = now;
    network.down = [...network.down.slice(1 - HISTORY), now.down_rate];
    network.up = [...network.up.slice(1 - HISTORY), now.up_rate];
    network.lost = false;
  } catch {
    network.lost = true;
  }
}

/** Looks every few seconds while the page is visible, until the returned function is called. */
export function watch(): () => void {
  void look();
  const timer = setInterval(() => {
    if (!document.hidden) void look();
  }, EVERY_MS);
  return () => clearInterval(timer);
}
