// Remembers where a film was left: every few seconds, when it is paused, and when the page goes away.
import * as api from '../api/client';
import type { PlayerState } from '../player/state.svelte';

const EVERY_MS = 5_000;
/** A start this short is not worth coming back to. */
const WORTH_S = 1;

export class Memory {
  #kept = -1;

  /** Keeps the place of an item until the returned function is called, which keeps it a last time. */
  keep(player: PlayerState, item: string): () => void {
    this.#kept = -1;
    const save = () => this.#save(player, item);
    const hidden = () => {
      if (document.hidden) save();
    };
    const timer = setInterval(save, EVERY_MS);
    addEventListener('pagehide', save);
    document.addEventListener('visibilitychange', hidden);
    return () => {
      clearInterval(timer);
      removeEventListener('pagehide', save);
      document.removeEventListener('visibilitychange', hidden);
      save();
    };
  }

  /** Keeps the place now: something else is about to play. */
  flush(player: PlayerState): void {
    this.#save(player, player.playback.item_id);
  }

  #save(player: PlayerState, item: string): void {
    const { time, duration, started } = player;
    if (!started || duration <= 0 || time < WORTH_S || Math.abs(time - this.#kept) < WORTH_S) return;
    this.#kept = time;
    // Lost once, it is sent again with the next save: nobody needs to be told.
    void api.saveProgress(item, time, duration).catch(() => (this.#kept = -1));
  }
}
