// What the player knows and decides, without a film.
import { describe, expect, it } from 'vitest';
import type { Playback, PlaybackState, Release } from '../src/api/shapes';
import { PlayerState } from '../src/player/state.svelte';
import { lowerRelease, stageAt, why } from '../src/player/stages';
import { diagnose } from '../src/player/watchdog';

const release = (id: string, size_bytes: number): Release => ({ id, size_bytes, quality: id }) as Release;

const playback = (more: Partial<Playback> = {}): Playback =>
  ({
    id: 'p',
    release_id: 'b',
    duration_s: 100,
    subtitles: [],
    releases: [release('a', 1), release('b', 5), release('c', 9), release('d', 3)],
    ...more,
  }) as Playback;

const swarm = (more: Partial<PlaybackState>): PlaybackState =>
  ({ stage: 'filling', reason: null, on_disk: [], ...more }) as PlaybackState;

describe('the player', () => {
  it('knows which moments are on disk', () => {
    const player = new PlayerState(playback());
    player.swarm = swarm({
      on_disk: [
        [0, 0.25],
        [0.5, 0.6],
      ],
    });
    expect([0, 24, 25, 40, 55, 60].map((time) => player.isHere(time))).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  it('says how much was played, and nothing of a film without a length', () => {
    const player = new PlayerState(playback());
    player.time = 25;
    expect(player.fraction).toBe(0.25);
    player.duration = 0;
    expect(player.fraction).toBe(0);
  });

  it('starts afresh with another playback, and keeps what the viewer chose', () => {
    const player = new PlayerState(playback());
    Object.assign(player, { started: true, waiting: false, trouble: 'no-sound', delay: 0.5, volume: 0.3 });
    player.open(playback({ id: 'q', duration_s: 50 }));
    expect([player.started, player.waiting, player.trouble, player.duration]).toEqual([
      false,
      true,
      null,
      50,
    ]);
    expect([player.delay, player.volume]).toEqual([0.5, 0.3]);
  });
});

describe('a slow beginning', () => {
  it('is told stage by stage', () => {
    expect(stageAt(null)).toBe(0);
    expect(
      (['metadata', 'peers', 'index', 'filling', 'ready'] as const).map((stage) => stageAt(swarm({ stage }))),
    ).toEqual([0, 1, 2, 3, 4]);
  });

  it('always has a reason', () => {
    expect(why(null)).toBe('reason-opening');
    expect(why(swarm({ reason: 'no_peers' }))).toBe('reason-no-peers');
    expect(why(swarm({ reason: null }))).toBe('reason-fetching');
  });

  it('offers the next smaller quality, if there is one', () => {
    expect(lowerRelease(playback())?.id).toBe('d');
    expect(lowerRelease(playback({ release_id: 'a' }))).toBeNull();
  });
});

describe('a film that plays without picture or sound', () => {
  const video = (videoWidth: number, webkitAudioDecodedByteCount?: number) =>
    ({ videoWidth, webkitAudioDecodedByteCount }) as unknown as HTMLVideoElement;
  const promises = { picture: true, sound: true };

  it('is noticed after two seconds, not before', () => {
    expect(diagnose(video(0, 10), 1, promises)).toBeNull();
    expect(diagnose(video(0, 10), 3, promises)).toBe('no-picture');
    expect(diagnose(video(640, 0), 3, promises)).toBe('no-sound');
  });

  it('is not suspected when nothing was promised, or nothing can be known', () => {
    expect(diagnose(video(640, 0), 3, { picture: true, sound: false })).toBeNull();
    expect(diagnose(video(640, undefined), 3, promises)).toBeNull();
  });
});
