// Where a beginning stands, and why it takes its time; in ids of our words.
import type { Playback, PlaybackState, Release } from '../api/shapes';

export const STAGES = [
  'stage-metadata',
  'stage-peers',
  'stage-index',
  'stage-filling',
  'stage-starting',
] as const;

const ORDER: Record<PlaybackState['stage'], number> = {
  metadata: 0,
  peers: 1,
  index: 2,
  filling: 3,
  stalled: 3,
  ready: 4,
};

/** Which of the stages is the present one. */
export const stageAt = (swarm: PlaybackState | null): number => (swarm === null ? 0 : ORDER[swarm.stage]);

const REASONS: Record<NonNullable<PlaybackState['reason']>, string> = {
  metadata: 'reason-metadata',
  checking: 'reason-checking',
  no_peers: 'reason-no-peers',
  choked: 'reason-choked',
  missing: 'reason-missing',
  fetching: 'reason-fetching',
};

/** The sentence that says what is being waited for. */
export function why(swarm: PlaybackState | null): string {
  if (swarm === null) return 'reason-opening';
  return swarm.reason === null ? 'reason-fetching' : REASONS[swarm.reason];
}

/** The next smaller release of the same item, if there is one. */
export function lowerRelease(playback: Playback): Release | null {
  const now = playback.releases.find((one) => one.id === playback.release_id);
  const smaller = playback.releases.filter((one) => now !== undefined && one.size_bytes < now.size_bytes);
  return smaller.sort((a, b) => b.size_bytes - a.size_bytes)[0] ?? null;
}
