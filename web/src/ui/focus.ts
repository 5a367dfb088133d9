// Where the keyboard's focus goes inside a menu, a list, a row or a grid, and between them.

const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex="0"]';

/** The elements of `scope` a keyboard can reach, in reading order. */
export function focusables(scope: ParentNode): HTMLElement[] {
  return [...scope.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((element) =>
    element.checkVisibility({ visibilityProperty: true }),
  );
}

/** Focuses the element `preferred` selects, or else the first one. */
export function focusFirst(scope: ParentNode, preferred: string): void {
  const first = scope.querySelector<HTMLElement>(preferred) ?? focusables(scope)[0];
  first?.focus();
}

/** Moves the focus along a vertical list. Says whether the key was one it knows. */
export function moveFocus(list: ParentNode, key: string): boolean {
  const all = focusables(list);
  const at = all.findIndex((element) => element === document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[key];
  if (to === undefined || all.length === 0) return false;
  all[(to + all.length) % all.length]?.focus();
  return true;
}

/** Keeps one tab stop in a row or grid: the item that last had the focus. */
export function roving(container: HTMLElement): () => void {
  const items = () => [...container.querySelectorAll<HTMLElement>('[data-item]')];
  const rest = () => {
    const all = items();
    if (!all.some((item) => item.tabIndex === 0)) all[0]?.setAttribute('tabindex', '0');
  };
  const onfocusin = (event: FocusEvent) => {
    const item = (event.target as HTMLElement).closest('[data-item]');
    if (!item) return;
    for (const other of items()) other.setAttribute('tabindex', other === item ? '0' : '-1');
  };
  const watch = new MutationObserver(rest);
  watch.observe(container, { childList: true, subtree: true });
  container.addEventListener('focusin', onfocusin);
  rest();
  return () => {
    watch.disconnect();
    container.removeEventListener('focusin', onfocusin);
  };
}

/** Brings what a key gave the focus whole into a line that scrolls sideways: browsers are content with a part of it. */
export function wholeInLine(line: HTMLElement): () => void {
  const onfocusin = ({ target }: FocusEvent) => {
    // Under a pointer nothing moves away: its click would miss.
    if (!(target instanceof HTMLElement) || !target.matches(':focus-visible')) return;
    const [frame, own] = [line.getBoundingClientRect(), target.getBoundingClientRect()];
    const room = Number.parseFloat(getComputedStyle(line).scrollPaddingInlineStart) || 0;
    const before = frame.left + room - own.left;
    const beyond = own.right - (frame.right - room);
    if (before > 0) line.scrollBy({ left: -before, behavior: 'instant' });
    else if (beyond > 0) line.scrollBy({ left: beyond, behavior: 'instant' });
  };
  line.addEventListener('focusin', onfocusin);
  return () => line.removeEventListener('focusin', onfocusin);
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** A rectangle, as far as choosing a neighbour needs one. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * How far `to` lies from `from` in `direction`; infinite when it does not lie there.
 * Being off the axis costs more than being far along it, so that a column is kept when one exists.
 */
export function distance(from: Box, to: Box, direction: Direction): number {
  const ahead = {
    left: from.left - to.right,
    right: to.left - from.right,
    up: from.top - to.bottom,
    down: to.top - from.bottom,
  }[direction];
  const overlapAllowed = -4;
  if (ahead < overlapAllowed) return Infinity;
  const sideways =
    direction === 'left' || direction === 'right'
      ? gap(from.top, from.bottom, to.top, to.bottom)
      : gap(from.left, from.right, to.left, to.right);
  const centres =
    direction === 'left' || direction === 'right'
      ? Math.abs(from.top + from.bottom - to.top - to.bottom) / 2
      : Math.abs(from.left + from.right - to.left - to.right) / 2;
  return Math.max(ahead, 0) + sideways * 3 + centres * 0.3;
}

function gap(aStart: number, aEnd: number, bStart: number, bEnd: number): number {
  return Math.max(0, bStart - aEnd, aStart - bEnd);
}

/** Where an element is seen: what is ticked, in the whole of its line. */
const boxOf = (element: HTMLElement): Box =>
  (
    (element.matches('[type=radio], [type=checkbox]') && element.closest('label')) ||
    element
  ).getBoundingClientRect();

/** The nearest reachable element in a direction, or none. */
export function neighbour(from: HTMLElement, direction: Direction, scope: ParentNode): HTMLElement | null {
  const here = boxOf(from);
  let best: HTMLElement | null = null;
  let shortest = Infinity;
  for (const candidate of candidates(scope)) {
    if (candidate === from || candidate.contains(from)) continue;
    const far = distance(here, boxOf(candidate), direction);
    if (far < shortest) [best, shortest] = [candidate, far];
  }
  return best;
}

/** Everything arrows may reach: what Tab reaches, and the other items of rows and grids. */
function candidates(scope: ParentNode): HTMLElement[] {
  const reach = innerHeight * 1.5;
  return [...scope.querySelectorAll<HTMLElement>(`${FOCUSABLE}, [data-item]`)].filter((element) => {
    if (element.tabIndex < 0 && !element.hasAttribute('data-item')) return false;
    const box = element.getBoundingClientRect();
    return (
      box.width > 0 && box.bottom > -reach && box.top < innerHeight + reach && box.right > -innerWidth * 2
    );
  });
}

const DIRECTIONS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** Two steps within this time are a hurry, which leaves no time for a smooth way. */
const HURRY_MS = 500;
let steppedAt = -Infinity;
/** Where the focus was last. What had it may be gone since. */
let lastBox: Box | null = null;

/** Answers an arrow key by moving the focus through the page; leaves the key to controls that use arrows. */
export function steer(event: KeyboardEvent): void {
  const direction = DIRECTIONS[event.key];
  if (!direction || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
  const from = document.activeElement;
  if (!(from instanceof HTMLElement) || usesArrows(from, direction)) return;
  const scope = from.closest('dialog') ?? document.body;
  const target = from === document.body ? nearest(lastBox, scope) : next(from, direction, scope);
  // Left to itself, a browser would choose the next radio button of the group, or scroll the line away.
  if (isRadio(from) || inLine(from, direction)) event.preventDefault();
  if (!target) return;
  event.preventDefault();
  if (isToCome(from, direction) && !from.closest('ul')?.contains(target)) return;
  target.focus({ preventScroll: true });
  const hurry = event.repeat || event.timeStamp - steppedAt < HURRY_MS;
  steppedAt = event.timeStamp;
  target.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: hurry ? 'instant' : 'smooth' });
  lastBox = target.getBoundingClientRect();
}

/** The neighbour in the part of the page one is in, or else in its middle, or else anywhere. */
function next(from: HTMLElement, direction: Direction, scope: HTMLElement): HTMLElement | null {
  const line = inLine(from, direction);
  if (line) return alongLine(from, direction, line) ?? aside(from, direction, scope);
  const middle = scope.querySelector('main');
  const own = from.closest('main') ?? from.closest('nav, header');
  const near = own && scope.contains(own) ? neighbour(from, direction, own) : null;
  return near ?? (middle && neighbour(from, direction, middle)) ?? neighbour(from, direction, scope);
}

/** The row or grid in which an arrow leads along a line; none for an arrow that leads out of the line. */
function inLine(from: HTMLElement, direction: Direction): HTMLElement | null {
  if (direction === 'up' || direction === 'down') return null;
  const list = from.closest<HTMLElement>('main ul');
  return list?.querySelector('[data-item]') ? list : null;
}

/** The neighbour in the same line. At its end there is none: other lines are below and above it. */
function alongLine(from: HTMLElement, direction: Direction, list: HTMLElement): HTMLElement | null {
  const target = neighbour(from, direction, list);
  if (!target) return null;
  const [here, there] = [boxOf(from), boxOf(target)];
  return gap(here.top, here.bottom, there.top, there.bottom) === 0 ? target : null;
}

/** What stands beside the whole page: its places, where they are not along the lower edge. */
function aside(from: HTMLElement, direction: Direction, scope: HTMLElement): HTMLElement | null {
  const here = boxOf(from);
  const rail = [...scope.querySelectorAll<HTMLElement>('nav')].find(
    (nav) => !nav.closest('main') && distance(here, nav.getBoundingClientRect(), direction) < Infinity,
  );
  return rail ? neighbour(from, direction, rail) : null;
}

/** Whether a long list goes on in a direction, though what is there has not come yet: its neighbours beyond are not meant. */
function isToCome(from: HTMLElement, direction: Direction): boolean {
  const item = from.closest('[aria-posinset]');
  const list = item?.parentElement;
  if (!item || !list || direction === 'left' || direction === 'right') return false;
  const columns = getComputedStyle(list).gridTemplateColumns.split(' ').length;
  const place = Number(item.getAttribute('aria-posinset')) + (direction === 'down' ? columns : -columns);
  return place >= 1 && place <= Number(item.getAttribute('aria-setsize'));
}

/** The element in sight that is nearest to where the focus was before it was lost. */
function nearest(box: Box | null, scope: ParentNode): HTMLElement | null {
  if (!box) return null;
  const inSight = candidates(scope).filter((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
  const far = (one: HTMLElement) => between(box, one.getBoundingClientRect());
  return inSight.reduce<HTMLElement | null>(
    (best, one) => (best && far(best) <= far(one) ? best : one),
    null,
  );
}

function between(one: Box, other: Box): number {
  return Math.hypot(
    (one.left + one.right - other.left - other.right) / 2,
    (one.top + one.bottom - other.top - other.bottom) / 2,
  );
}

/**
 * Whether a control needs this arrow for itself. Whoever has nothing but arrows gets out of every control: a list
 * of choices is opened first, and a number is typed. Radio buttons are passed without choosing them, as the ARIA
 * Authoring Practices have it for those in a toolbar: arrows move, Space and Enter choose.
 */
function usesArrows(element: HTMLElement, direction: Direction): boolean {
  const sideways = direction === 'left' || direction === 'right';
  if (element.matches('[role^="menuitem"], [role="option"]')) return true;
  if (element.role === 'slider') return sideways;
  if (element instanceof HTMLTextAreaElement)
    return sideways || (direction === 'up' ? element.selectionStart > 0 : leftToRead(element));
  if (!(element instanceof HTMLInputElement) || element.type === 'checkbox') return false;
  return sideways && !isRadio(element);
}

const isRadio = (element: HTMLElement): boolean => element.matches('[type=radio]');

const leftToRead = ({ selectionEnd, value }: HTMLTextAreaElement): boolean => selectionEnd < value.length;

/**
 * Does with Enter what a control is for, as remote controls have no other key: ticks it, or opens its list of
 * choices. Where no list can open, as for a gamepad, the next choice is taken.
 */
export function enter(event: KeyboardEvent): void {
  const control = event.target;
  if (event.key !== 'Enter' || event.defaultPrevented) return;
  if (control instanceof HTMLInputElement && ['checkbox', 'radio'].includes(control.type)) control.click();
  else if (control instanceof HTMLSelectElement) openChoices(control, event.isTrusted);
  else return;
  event.preventDefault();
}

function openChoices(list: HTMLSelectElement, real: boolean): void {
  if (real && 'showPicker' in list) list.showPicker();
  else {
    list.selectedIndex = (list.selectedIndex + 1) % list.length;
    list.dispatchEvent(new Event('change', { bubbles: true }));
  }
}
