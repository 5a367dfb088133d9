// The keys of the player.
import { describe, expect, it } from 'vitest';
import { command, type Press } from '../src/player/keyboard';

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  code: '',
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...more,
});

describe('a key in the player', () => {
  it.each([
    [press(' '), { do: 'toggle' }],
    [press('k'), { do: 'toggle' }],
    [press('j'), { do: 'seek', by: -10 }],
    [press('l'), { do: 'seek', by: 10 }],
    [press('ArrowRight'), { do: 'seek', by: 5 }],
    [press('ArrowLeft', { shiftKey: true }), { do: 'seek', by: -60 }],
    [press('ArrowRight', { ctrlKey: true }), { do: 'seek', by: 600 }],
    [press('7'), { do: 'tenth', tenth: 7 }],
    [press(','), { do: 'frame', by: -1 }],
    [press('>', { shiftKey: true }), { do: 'speed', by: 0.1 }],
    [press(']'), { do: 'speed', by: 0.1 }],
    [press('ArrowUp'), { do: 'volume', by: 0.1 }],
    [press('m'), { do: 'mute' }],
    [press('f'), { do: 'fullscreen' }],
    [press('c'), { do: 'subtitles' }],
    [press('g'), { do: 'delay', by: -0.1 }],
    [press('x'), { do: 'delay', by: 0.1 }],
    [press('s'), { do: 'subtitle-sheet' }],
    [press('i'), { do: 'stats' }],
    [press('n'), { do: 'next' }],
    [press('p'), { do: 'previous' }],
    [press('P', { shiftKey: true }), { do: 'picture-in-picture' }],
    [press('q'), { do: 'quality' }],
    [press('w'), { do: 'watched' }],
    [press('b'), { do: 'favourite' }],
    [press('?', { shiftKey: true }), { do: 'help' }],
    [press('Escape'), { do: 'leave' }],
  ])('%o does what the sheet says', (given, wanted) => {
    expect(command(given)).toEqual(wanted);
  });

  it('works on a keyboard of another script by its place', () => {
    expect(command(press('ь', { code: 'KeyM' }))).toEqual({ do: 'mute' });
    expect(command(press('φ', { code: 'KeyF' }))).toEqual({ do: 'fullscreen' });
  });

  it('is left to the browser with Alt, Meta, or Ctrl and a letter', () => {
    expect(command(press('f', { ctrlKey: true }))).toBeNull();
    expect(command(press('ArrowLeft', { altKey: true }))).toBeNull();
    expect(command(press('m', { metaKey: true }))).toBeNull();
  });
});
