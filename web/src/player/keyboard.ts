// What each key asks of the player. A pure table: nothing is done here.

export type Command =
  | { do: 'toggle' | 'mute' | 'fullscreen' | 'picture-in-picture' | 'subtitles' | 'subtitle-sheet' | 'audio' }
  | {
      do:
        | 'stats'
        | 'quality'
        | 'next'
        | 'previous'
        | 'watched'
        | 'favourite'
        | 'help'
        | 'leave'
        | 'shrink'
        | 'enter';
    }
  | { do: 'seek'; by: number }
  | { do: 'tenth'; tenth: number }
  | { do: 'frame'; by: 1 | -1 }
  | { do: 'speed'; by: number }
  | { do: 'volume'; by: number }
  | { do: 'delay'; by: number }
  | { do: 'subtitle-size'; by: number };

/** The parts of a keyboard event that matter. */
export interface Press {
  key: string;
  code: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

const STEP_S = 5;
const JUMP_S = 10;
const MINUTE_S = 60;
const TEN_MINUTES_S = 600;
const SPEED_STEP = 0.1;
const VOLUME_STEP = 0.1;

const PLAIN: Record<string, Command> = {
  ' ': { do: 'toggle' },
  k: { do: 'toggle' },
  MediaPlayPause: { do: 'toggle' },
  MediaPlay: { do: 'toggle' },
  MediaPause: { do: 'toggle' },
  MediaRewind: { do: 'seek', by: -JUMP_S },
  MediaFastForward: { do: 'seek', by: JUMP_S },
  MediaStop: { do: 'leave' },
  GoBack: { do: 'leave' },
  j: { do: 'seek', by: -JUMP_S },
  l: { do: 'seek', by: JUMP_S },
  ',': { do: 'frame', by: -1 },
  '.': { do: 'frame', by: 1 },
  '<': { do: 'speed', by: -SPEED_STEP },
  '>': { do: 'speed', by: SPEED_STEP },
  '[': { do: 'speed', by: -SPEED_STEP },
  ']': { do: 'speed', by: SPEED_STEP },
  ArrowUp: { do: 'volume', by: VOLUME_STEP },
  ArrowDown: { do: 'volume', by: -VOLUME_STEP },
  m: { do: 'mute' },
  f: { do: 'fullscreen' },
  v: { do: 'subtitles' },
  c: { do: 'subtitles' },
  g: { do: 'delay', by: -0.1 },
  h: { do: 'delay', by: 0.1 },
  z: { do: 'delay', by: -0.1 },
  x: { do: 'delay', by: 0.1 },
  '-': { do: 'subtitle-size', by: -0.1 },
  '=': { do: 'subtitle-size', by: 0.1 },
  '+': { do: 'subtitle-size', by: 0.1 },
  a: { do: 'audio' },
  s: { do: 'subtitle-sheet' },
  i: { do: 'stats' },
  d: { do: 'stats' },
  n: { do: 'next' },
  MediaTrackNext: { do: 'next' },
  p: { do: 'previous' },
  MediaTrackPrevious: { do: 'previous' },
  q: { do: 'quality' },
  w: { do: 'watched' },
  b: { do: 'favourite' },
  e: { do: 'shrink' },
  '?': { do: 'help' },
  Escape: { do: 'leave' },
  Backspace: { do: 'leave' },
  Enter: { do: 'enter' },
};

const SHIFTED: Record<string, Command> = {
  Escape: { do: 'shrink' },
  p: { do: 'picture-in-picture' },
  g: { do: 'delay', by: -1 },
  h: { do: 'delay', by: 1 },
};

/** The letter a key stands for; on a keyboard of another script, the one printed there on a Latin keyboard. */
function letter({ key, code }: Press): string {
  if (key.length > 1) return key;
  // Any character beyond Latin letters and signs.
  if (key > '\u024f' && code.startsWith('Key')) return code.slice(3).toLowerCase();
  return key.toLowerCase();
}

/** The command of a key, or none. */
export function command(press: Press): Command | null {
  if (press.altKey || press.metaKey) return null;
  const key = letter(press);
  if (key === 'ArrowLeft' || key === 'ArrowRight')
    return { do: 'seek', by: arrowStep(press) * (key === 'ArrowLeft' ? -1 : 1) };
  if (press.ctrlKey) return null;
  if (/^\d$/.test(key)) return { do: 'tenth', tenth: Number(key) };
  return (press.shiftKey ? SHIFTED[key] : undefined) ?? PLAIN[key] ?? null;
}

function arrowStep({ shiftKey, ctrlKey }: Press): number {
  if (ctrlKey) return TEN_MINUTES_S;
  return shiftKey ? MINUTE_S : STEP_S;
}
