// Which moments can be shown from the disk.
import type { PlayerState } from './state.svelte';

/** A browser reads on a little behind the frame it is asked for. */
const MARGIN_S = 10;

/** Whether a moment can be shown without fetching. The beginning is where the browser looks for the index. */
export const isThere = (player: PlayerState, time: number): boolean =>
  player.isHere(0) && player.isHere(time, MARGIN_S);
