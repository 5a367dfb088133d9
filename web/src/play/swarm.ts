// Asks the server how the swarm is doing, more often while somebody waits for the picture.
import * as api from '../api/client';
import type { PlayerState } from '../player/state.svelte';

const WAITING_MS = 500;
const PLAYING_MS = 2_000;

export function followSwarm(player: PlayerState, id: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const look = async () => {
    const swarm = await api.playback(id).catch(() => null);
    if (stopped) return;
    if (swarm) player.swarm = swarm;
    timer = setTimeout(() => void look(), player.waiting ? WAITING_MS : PLAYING_MS);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
