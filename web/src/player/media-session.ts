// The system's own controls: media keys, headphones, the lock screen.
import type { Element } from './element';
import type { PlayerState } from './state.svelte';

const STEP_S = 10;

/** Tells the system what plays and obeys its buttons, until the returned function is called. */
export function joinMediaSession(
  state: PlayerState,
  element: Element,
  next: (() => void) | null,
): () => void {
  if (!('mediaSession' in navigator)) return () => undefined;
  const { title, episode_label } = state.playback;
  navigator.mediaSession.metadata = new MediaMetadata({
    title: episode_label ?? title,
    artist: episode_label ? title : '',
  });
  const handlers: [MediaSessionAction, MediaSessionActionHandler | null][] = [
    ['play', () => void element.play()],
    ['pause', () => element.video.pause()],
    ['seekbackward', () => element.seekBy(-STEP_S)],
    ['seekforward', () => element.seekBy(STEP_S)],
    ['seekto', (details) => details.seekTime !== undefined && element.seekTo(details.seekTime)],
    ['nexttrack', next],
  ];
  for (const [action, handler] of handlers) set(action, handler);
  return () => {
    for (const [action] of handlers) set(action, null);
    navigator.mediaSession.metadata = null;
  };
}

function set(action: MediaSessionAction, handler: MediaSessionActionHandler | null): void {
  try {
    navigator.mediaSession.setActionHandler(action, handler);
  } catch {
    // A browser that does not know an action refuses it; the others still work.
  }
}
