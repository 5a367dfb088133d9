// A gamepad as a remote control: which keys it holds, how they repeat, and what they do to the page.
import { beforeEach, describe, expect, it } from 'vitest';
import { held, press, Presses, type Pad } from '../src/shell/gamepad';

const pad = (pressed: number[], axes: number[] = []): Pad => ({
  buttons: Array.from({ length: 16 }, (_, at) => ({ pressed: pressed.includes(at) })),
  axes,
});

describe('a gamepad', () => {
  it('holds the keys its buttons stand for', () => {
    expect([...held(pad([0, 12]))]).toEqual(['Enter', 'ArrowUp']);
    expect([...held(pad([10]))]).toEqual([]);
  });

  it('steers with its stick, one way at a time', () => {
    expect([...held(pad([], [0.9, 0.7]))]).toEqual(['ArrowRight']);
    expect([...held(pad([], [-0.2, -0.8]))]).toEqual(['ArrowUp']);
    expect([...held(pad([], [0.4, 0.4]))]).toEqual([]);
  });

  it('presses at once, and repeats what moves after a while', () => {
    const presses = new Presses();
    const right = new Set(['ArrowRight']);
    const at = [0, 100, 419, 420, 500, 550, 680].filter((now) => presses.at(now, right).length > 0);
    expect(at).toEqual([0, 420, 550, 680]);
  });

  it('never repeats what decides, until it is let go', () => {
    const presses = new Presses();
    const enter = new Set(['Enter']);
    expect(presses.at(0, enter)).toEqual(['Enter']);
    expect(presses.at(5_000, enter)).toEqual([]);
    presses.at(5_010, new Set());
    expect(presses.at(5_020, enter)).toEqual(['Enter']);
  });
});

describe('a press of it', () => {
  beforeEach(() => document.body.replaceChildren());

  it('reaches those who listen for the key', () => {
    const heard: string[] = [];
    const listen = (event: KeyboardEvent) => heard.push(event.key);
    addEventListener('keydown', listen);
    press('j');
    removeEventListener('keydown', listen);
    expect(heard).toEqual(['j']);
  });

  it('clicks what has the focus, unless somebody answered', () => {
    let clicks = 0;
    const button = document.createElement('button');
    button.addEventListener('click', () => (clicks += 1));
    document.body.append(button);
    button.focus();
    press('Enter');
    button.addEventListener('keydown', (event) => event.preventDefault());
    press('Enter');
    expect(clicks).toBe(1);
  });

  it('closes the dialog that is open before it leaves a place', () => {
    const dialog = document.createElement('dialog');
    document.body.append(dialog);
    dialog.showModal();
    press('Escape');
    expect(dialog.open).toBe(false);
  });
});
