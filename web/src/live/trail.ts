// The viewer's way through the places, as far as one step back. It is kept with each entry of the browser's history.

interface Step {
  /** The address of the entry before this one; none where the visit began. */
  behind: string | null;
}

let here: string | null = null;
/** What lay behind an entry that gives way to another. */
let kept: Step | null = null;

const step = (): Step | null => history.state as Step | null;

/** Notes that the page has arrived at the address of the moment. */
export function arrived(): void {
  if (step() === null) history.replaceState(kept ?? { behind: here }, '');
  kept = null;
  here = location.hash;
}

/** Goes to a place in the stead of this one, which no way leads back to. */
export function replace(hash: string): void {
  if (location.hash === hash) return;
  kept = step();
  location.replace(hash);
}

/** Returns to a place: one step back when it lies there, so that it is not there twice. */
export function returnTo(hash: string): void {
  if (step()?.behind === hash) history.back();
  else replace(hash);
}

/** One step back; to the first page where the visit began. */
export function back(): void {
  if (step()?.behind === null) replace('#/');
  else history.back();
}
