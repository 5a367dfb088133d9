// Asks the server how the swarm is doing, more often while somebody waits for the picture.
import * as api from '../api/client';
import type { PlaybackState } from '../api/shapes';
import type { PlayerState } from '../player/state.svelte';

const WAITING_MS = 500;
const PLAYING_MS = 2_000;

export function followSwarm(player: PlayerState, id: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const look = async () => {
    const swarm = await api.playback(id).catch(() => null);
    if (stopped) return;
    if (swarm) take(player, swarm);
    timer = setTimeout(() => void look(), player.waiting ? WAITING_MS : PLAYING_MS);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** The file's own running time serves until the browser knows it. */
function take(player: PlayerState, swarm: PlaybackState): void {
  player.swarm = swarm;
  if (player.duration === 0) player.duration = swarm.duration_s ?? 0;
}
