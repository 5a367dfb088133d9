// A gamepad as a remote control: each of its buttons and its stick stand for a key of the keyboard.
import { back } from '../live/trail';
import { focusFirst } from '../ui/focus';

/** Held longer than this, a key repeats. */
const HOLD_MS = 420;
const REPEAT_MS = 130;
const STICK = 0.6;

/** By the numbers of the standard layout. */
const BUTTONS: Record<number, string> = {
  0: 'Enter',
  1: 'Escape',
  2: ' ',
  3: 'm',
  4: 'j',
  5: 'l',
  6: '[',
  7: ']',
  8: '?',
  9: 's',
  12: 'ArrowUp',
  13: 'ArrowDown',
  14: 'ArrowLeft',
  15: 'ArrowRight',
};
const REPEATED = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'j', 'l']);

/** The parts of a gamepad that matter. */
export interface Pad {
  buttons: readonly { pressed: boolean }[];
  axes: readonly number[];
}

/** The keys a gamepad holds down. */
export function held({ buttons, axes }: Pad): Set<string> {
  const keys = new Set<string>();
  buttons.forEach(({ pressed }, at) => {
    const key = BUTTONS[at];
    if (pressed && key !== undefined) keys.add(key);
  });
  const [x = 0, y = 0] = axes;
  if (Math.abs(x) > STICK && Math.abs(x) >= Math.abs(y)) keys.add(x > 0 ? 'ArrowRight' : 'ArrowLeft');
  else if (Math.abs(y) > STICK) keys.add(y > 0 ? 'ArrowDown' : 'ArrowUp');
  return keys;
}

/** Turns keys that are held into presses: one at once, and after a while more of those that repeat. */
export class Presses {
  #due = new Map<string, number>();

  /** The keys to press at this moment, in milliseconds of any clock. */
  at(now: number, keys: Set<string>): string[] {
    for (const key of this.#due.keys()) if (!keys.has(key)) this.#due.delete(key);
    return [...keys].filter((key) => this.#falls(key, now));
  }

  #falls(key: string, now: number): boolean {
    const due = this.#due.get(key);
    if (due !== undefined && now < due) return false;
    const wait = due === undefined ? HOLD_MS : REPEAT_MS;
    this.#due.set(key, REPEATED.has(key) ? now + wait : Infinity);
    return true;
  }
}

/** Listens to the gamepad that is there, and to those that come, until `stop`. */
export function followGamepads(stop: AbortSignal): void {
  const presses = new Presses();
  let frame = 0;
  const look = (now: number) => {
    const pads = navigator.getGamepads().filter((pad) => pad !== null);
    const keys = new Set(pads.flatMap((pad) => [...held(pad)]));
    for (const key of presses.at(now, keys)) press(key);
    frame = pads.length > 0 && !stop.aborted ? requestAnimationFrame(look) : 0;
  };
  const begin = () => {
    if (frame === 0) frame = requestAnimationFrame(look);
  };
  addEventListener('gamepadconnected', begin, { signal: stop });
  begin();
}

/** Does what the key would do. The browser takes no keys from a script, so its own part is done here. */
export function press(key: string): void {
  const dialog = document.querySelector<HTMLDialogElement>('dialog[open]');
  if (key === 'Escape' && dialog) dialog.close();
  else if (send(key)) return;
  else if (key === 'Enter') enter();
  else if (key === 'Escape' && !/^(#\/?)?$/.test(location.hash)) back();
  else if (document.activeElement === document.body) focusFirst(document, 'main a, main button');
}

/** Whether somebody on the page has answered the key. */
function send(key: string): boolean {
  const target = document.activeElement ?? document.body;
  return !target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}

function enter(): void {
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && activeElement !== document.body) activeElement.click();
}
