// The <video> element behind a small typed interface: its events become state, and our wishes become its properties.
import { loudness } from './preferences.svelte';
import type { PlayerState } from './state.svelte';

/** Shown speeds go from here to there; slower and faster than that nobody understands a word. */
const SPEED_MIN = 0.1;
const SPEED_MAX = 4;
const FRAME_S = 1 / 24;
/** Seeking to the very end would end the film. */
const END_MARGIN_S = 1;

export class Element {
  readonly video: HTMLVideoElement;
  #state: PlayerState;
  #startAt = 0;

  constructor(video: HTMLVideoElement, state: PlayerState) {
    this.video = video;
    this.#state = state;
    video.volume = state.volume;
    video.muted = state.muted;
  }

  /** Loads a stream and begins at a second. */
  load(url: string, startAt: number): void {
    this.#startAt = startAt;
    // The fragment lets the browser ask for the right bytes first, instead of those of the opening.
    this.video.src = startAt > 0 ? `${url}#t=${startAt.toFixed(3)}` : url;
    this.video.playbackRate = this.#state.rate;
  }

  /** Listens until the returned function is called. */
  listen(): () => void {
    const stop = new AbortController();
    for (const [name, hear] of Object.entries(this.#hears)) {
      this.video.addEventListener(name, hear, { signal: stop.signal });
    }
    return () => stop.abort();
  }

  #hears: Record<string, () => void> = {
    loadedmetadata: () => {
      if (Math.abs(this.video.currentTime - this.#startAt) > 1) this.video.currentTime = this.#startAt;
      this.#measure();
      if (this.video.videoHeight > 0) this.#state.shape = this.video.videoWidth / this.video.videoHeight;
    },
    durationchange: () => this.#measure(),
    timeupdate: () => {
      this.#state.time = this.video.currentTime;
      if (!this.video.paused && !this.video.seeking) this.#flowing();
    },
    seeking: () => {
      this.#state.time = this.video.currentTime;
      this.#state.ended = false;
    },
    play: () => (this.#state.paused = false),
    pause: () => (this.#state.paused = true),
    playing: () => this.#flowing(),
    canplay: () => this.#flowing(),
    waiting: () => (this.#state.waiting = true),
    stalled: () => (this.#state.waiting = this.video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA),
    ended: () => (this.#state.ended = true),
    ratechange: () => (this.#state.rate = this.video.playbackRate),
    volumechange: () => {
      this.#state.volume = this.video.volume;
      this.#state.muted = this.video.muted;
      loudness.write(this.video.volume, this.video.muted);
    },
    error: () =>
      (this.#state.trouble =
        this.video.error?.code === MediaError.MEDIA_ERR_NETWORK ? 'interrupted' : 'unsupported'),
    enterpictureinpicture: () => (this.#state.pictureInPicture = true),
    leavepictureinpicture: () => (this.#state.pictureInPicture = false),
  };

  #measure(): void {
    if (Number.isFinite(this.video.duration)) this.#state.duration = this.video.duration;
  }

  #flowing(): void {
    this.#state.waiting = false;
    this.#state.started = true;
  }

  /** Plays; when the browser wants a click first, says so. */
  async play(): Promise<void> {
    try {
      await this.video.play();
      this.#state.needsClick = false;
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'NotAllowedError') this.#state.needsClick = true;
    }
  }

  async toggle(): Promise<void> {
    if (this.video.paused) await this.play();
    else this.video.pause();
  }

  seekTo(time: number): void {
    const end = Math.max(0, this.#state.duration - END_MARGIN_S);
    this.video.currentTime = Math.min(Math.max(0, time), end > 0 ? end : time);
    this.#state.time = this.video.currentTime;
  }

  seekBy(seconds: number): void {
    this.seekTo(this.video.currentTime + seconds);
  }

  frame(by: 1 | -1): void {
    this.video.pause();
    this.seekTo(this.video.currentTime + by * FRAME_S);
  }

  set rate(rate: number) {
    const wished = Math.round(rate * 100) / 100;
    this.video.playbackRate = Math.min(SPEED_MAX, Math.max(SPEED_MIN, wished));
  }
  get rate(): number {
    return this.video.playbackRate;
  }

  set volume(volume: number) {
    this.video.volume = Math.min(1, Math.max(0, Math.round(volume * 100) / 100));
    this.video.muted = false;
  }
  get volume(): number {
    return this.video.volume;
  }

  mute(): void {
    this.video.muted = !this.video.muted;
  }

  async pictureInPicture(): Promise<void> {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await this.video.requestPictureInPicture();
  }

  /** Lets go of the stream, so that the server stops fetching for it. */
  unload(): void {
    this.video.removeAttribute('src');
    this.video.load();
  }
}
