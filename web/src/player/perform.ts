// Carries out what a key or a button asks, and says in one line what it did.
import { clock, number, percent } from '../words/format';
import { t } from '../words/index.svelte';
import type { Element } from './element';
import type { Command } from './keyboard';
import { subtitleStyle } from './preferences.svelte';
import type { Panel, PlayerState, SubtitleTrack } from './state.svelte';

/** What lies outside the player and is asked of the place around it. */
export interface Outside {
  leave: () => void;
  /** Puts the picture into the corner of the page. */
  shrink: () => void;
  help: () => void;
  next: (() => void) | null;
  previous: (() => void) | null;
  watched: () => string;
  favourite: () => string;
}

/** The parts of the player a command may touch. */
export interface Parts {
  state: PlayerState;
  element: Element;
  stage: HTMLElement;
  outside: Outside;
  choose: (track: SubtitleTrack | null) => Promise<void>;
}

/** A player with several sound tracks, where the browser offers them. */
interface WithAudioTracks {
  audioTracks?: { length: number; [at: number]: { enabled: boolean; label: string; language: string } };
}

/** Carries out a command; gives back the line to show, empty when there is nothing to say. */
export async function perform(command: Command, parts: Parts): Promise<string> {
  const { state, element, outside } = parts;
  switch (command.do) {
    case 'toggle':
      await element.toggle();
      // The element itself knows at once; the state hears of it later.
      return element.video.paused ? t('paused') : t('playing');
    case 'seek':
      element.seekBy(command.by);
      return `${command.by > 0 ? '+' : '−'}${clock(Math.abs(command.by))} · ${clock(state.time)}`;
    case 'tenth':
      element.seekTo((state.duration * command.tenth) / 10);
      return clock(state.time);
    case 'frame':
      element.frame(command.by);
      return clock(state.time);
    case 'speed':
      element.rate += command.by;
      return t('speed-now', { rate: number(element.rate, 2) });
    case 'volume':
      element.volume += command.by;
      return t('volume-now', { percent: percent(element.volume) });
    case 'mute':
      element.mute();
      return element.video.muted ? t('muted') : t('volume-now', { percent: percent(element.volume) });
    case 'subtitles':
      return toggleSubtitles(parts);
    case 'delay':
      state.delay = Math.round((state.delay + command.by) * 100) / 100;
      return t('delay-now', { seconds: number(state.delay, 2) });
    case 'subtitle-size':
      subtitleStyle.size += command.by;
      return t('subtitle-size-now', { percent: percent(subtitleStyle.size) });
    case 'audio':
      return nextAudio(element.video as WithAudioTracks);
    case 'fullscreen':
      await fullscreen(parts.stage);
      return '';
    case 'picture-in-picture':
      await element.pictureInPicture().catch(() => undefined);
      return '';
    case 'stats':
    case 'quality':
      return open(state, command.do);
    case 'subtitle-sheet':
      return open(state, 'subtitles');
    case 'watched':
    case 'favourite':
      return outside[command.do]();
    case 'next':
    case 'previous':
      outside[command.do]?.();
      return outside[command.do] ? '' : t(command.do === 'next' ? 'no-next' : 'no-previous');
    case 'help':
      outside.help();
      return '';
    case 'shrink':
      outside.shrink();
      return '';
    case 'leave':
      await leave(parts);
      return '';
    case 'enter':
      parts.stage.querySelector<HTMLElement>('[data-first]')?.focus();
      return '';
  }
}

function open(state: PlayerState, panel: Panel): string {
  state.panel = state.panel === panel ? null : panel;
  return '';
}

async function toggleSubtitles({ state, choose }: Parts): Promise<string> {
  if (state.track) {
    await choose(null);
    return t('subtitles-off');
  }
  const track = state.tracks[0];
  if (!track) return t('no-subtitles');
  await choose(track);
  return t('subtitles-on');
}

function nextAudio({ audioTracks }: WithAudioTracks): string {
  if (!audioTracks || audioTracks.length < 2) return t('audio-only-one');
  const all = Array.from({ length: audioTracks.length }, (_, at) => audioTracks[at]);
  const at = (all.findIndex((track) => track?.enabled) + 1) % all.length;
  all.forEach((track, index) => {
    if (track) track.enabled = index === at;
  });
  return all[at]?.label ?? all[at]?.language ?? '';
}

async function fullscreen(stage: HTMLElement): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await stage.requestFullscreen().catch(() => undefined);
}

/** Escape closes the innermost thing first: a panel, then full screen, then the player. */
async function leave({ state, outside }: Parts): Promise<void> {
  if (state.panel) state.panel = null;
  else if (document.fullscreenElement) await document.exitFullscreen();
  else outside.leave();
}
