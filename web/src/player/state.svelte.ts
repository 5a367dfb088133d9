// The one value every part of the player looks at.
import type { Playback, PlaybackState } from '../api/shapes';
import { loudness } from './preferences.svelte';
import type { Cue } from './subtitles';

/** Why the picture or the sound cannot be shown here. */
export type Trouble = 'no-picture' | 'no-sound' | 'unsupported' | 'interrupted';
export type Panel = 'subtitles' | 'stats' | 'quality' | 'speed';

/** A subtitle to choose: one of the server's, or a file of the viewer's own. */
export interface SubtitleTrack {
  id: string;
  language: string;
  label: string | null;
  /** A file of the viewer's. */
  own: boolean;
  load: () => Promise<Cue[]>;
}

export class PlayerState {
  playback: Playback = $state.raw({} as Playback);
  /** What the swarm is doing; none until the server has said it once. */
  swarm: PlaybackState | null = $state.raw(null);

  /** How much wider than high the picture is. */
  shape = $state(16 / 9);

  paused = $state(true);
  ended = $state(false);
  /** The element waits for data it does not have. */
  waiting = $state(true);
  /** A frame has been shown. */
  started = $state(false);
  time = $state(0);
  duration = $state(0);
  rate = $state(1);
  volume = $state(loudness.read().volume);
  muted = $state(loudness.read().muted);
  /** The browser wants a click before it plays. */
  needsClick = $state(false);
  trouble: Trouble | null = $state(null);
  fullscreen = $state(false);
  pictureInPicture = $state(false);

  panel: Panel | null = $state(null);
  /** One line that says what a key did. */
  feedback = $state('');

  tracks: SubtitleTrack[] = $state.raw([]);
  track: SubtitleTrack | null = $state.raw(null);
  cues: Cue[] = $state.raw([]);
  delay = $state(0);

  constructor(playback: Playback) {
    this.open(playback);
  }

  /** Turns to another playback: another quality of the same item, or another item. */
  open(playback: Playback): void {
    if (playback.item_id !== this.playback.item_id) this.#forget();
    this.playback = playback;
    this.duration = playback.duration_s ?? 0;
    this.swarm = null;
    this.started = false;
    this.waiting = true;
    this.ended = false;
    this.trouble = null;
  }

  /** What belongs to one item only. */
  #forget(): void {
    this.time = 0;
    this.delay = 0;
    this.panel = null;
    this.tracks = this.tracks.filter((track) => !track.own);
    if (this.track?.own) this.track = null;
  }

  /** How much of the whole has been played, from 0 to 1. */
  readonly fraction = $derived(this.duration > 0 ? Math.min(1, this.time / this.duration) : 0);

  /** Whether a moment, and some seconds after it, are on disk already, and so play at once. */
  isHere(time: number, length = 0): boolean {
    const share = (second: number) => (this.duration > 0 ? Math.min(1, second / this.duration) : 0);
    const [first, last] = [share(time), share(time + length)];
    return (
      this.swarm?.on_disk.some(([from = 0, to = 0]) => from <= first && first < to && last <= to) ?? false
    );
  }
}
