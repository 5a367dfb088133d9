// The system's own controls: media keys, headphones, the lock screen.
import type { Element } from './element';
import type { PlayerState } from './state.svelte';

const STEP_S = 10;

/** Tells the system what plays and obeys its buttons, until the returned function is called. */
export function joinMediaSession(
  state: PlayerState,
  element: Element,
  around: { next: (() => void) | null; previous: (() => void) | null },
  poster: string | null,
): () => void {
  if (!('mediaSession' in navigator)) return () => undefined;
  const { title, episode_label } = state.playback;
  navigator.mediaSession.metadata = new MediaMetadata({
    title: episode_label ?? title,
    artist: episode_label ? title : '',
    artwork: poster === null ? [] : [{ src: new URL(poster, location.href).href }],
  });
  const handlers: [MediaSessionAction, MediaSessionActionHandler | null][] = [
    ['play', () => void element.play()],
    ['pause', () => element.video.pause()],
    ['seekbackward', () => element.seekBy(-STEP_S)],
    ['seekforward', () => element.seekBy(STEP_S)],
    ['seekto', (details) => details.seekTime !== undefined && element.seekTo(details.seekTime)],
    ['nexttrack', around.next],
    ['previoustrack', around.previous],
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

/** Tells the system where the film stands, for the line on a lock screen. */
export function tellPosition({ duration, time, rate }: PlayerState): void {
  if (!('mediaSession' in navigator) || duration <= 0) return;
  navigator.mediaSession.setPositionState({
    duration,
    position: Math.min(time, duration),
    playbackRate: rate,
  });
}
