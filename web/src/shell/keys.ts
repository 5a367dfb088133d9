// The keys that work everywhere but in the player, which has its own.
import { back } from '../live/trail';
import { enter, steer } from '../ui/focus';

export interface Surroundings {
  /** A place that has the whole window, and the keyboard, to itself. */
  alone: boolean;
  help: () => void;
}

const PLACES = ['#/', '#/films', '#/series', '#/shorts', '#/library', '#/downloads', '#/settings'];

const types = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches('input:not([type=checkbox], [type=radio], [type=range]), textarea, select');

/** Answers a key; says nothing about those it does not know. */
export function keys(event: KeyboardEvent, { alone, help }: Surroundings): void {
  if (event.defaultPrevented || alone) return;
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  if (modified) {
    if (!event.altKey && event.key.toLowerCase() === 'k') focusSearch(event);
    return;
  }
  enter(event);
  if (types(event.target)) steer(event);
  else plain(event, help);
}

function plain(event: KeyboardEvent, help: () => void): void {
  if (event.key === '/') focusSearch(event);
  else if (event.key === '?') help();
  else if (event.key === 'Backspace') back();
  else if (/^[1-7]$/.test(event.key)) location.hash = PLACES[Number(event.key) - 1] ?? '#/';
  else if (event.key === 'Escape' && event.shiftKey)
    document.querySelector<HTMLElement>('[data-corner]')?.focus();
  else if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) escape(event);
  else steer(event);
}

function focusSearch(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLInputElement>('#search')?.focus();
}

/** Escape leaves a title's page for the list it was found on. */
function escape(event: Event): void {
  if (!location.hash.startsWith('#/title/')) return;
  event.preventDefault();
  back();
}
