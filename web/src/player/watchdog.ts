// Notices a film that "plays" without picture or sound: some browsers say nothing when they lack a codec.
import type { Trouble } from './state.svelte';

/** Counters some browsers offer beyond the standard. */
interface Counted extends HTMLVideoElement {
  webkitAudioDecodedByteCount?: number;
}

/** So much must have been played before silence means something. */
const PATIENCE_S = 2;

/** What is wrong after this much playing, if anything. `promises` are what the release says it holds. */
export function diagnose(
  video: Counted,
  playedS: number,
  promises: { picture: boolean; sound: boolean },
): Trouble | null {
  if (playedS < PATIENCE_S) return null;
  if (promises.picture && video.videoWidth === 0) return 'no-picture';
  if (promises.sound && video.webkitAudioDecodedByteCount === 0) return 'no-sound';
  return null;
}
