// How far down each place was read, so that going back finds the same line again.

export class Scrolls {
  #places = new Map<string, number>();
  #here = location.hash;
  #back = false;

  constructor() {
    // A link says where it leads before the address changes; going back does not.
    addEventListener('popstate', () => (this.#back = !this.#clicked));
    addEventListener('click', (event) => this.#note(event), { capture: true });
    history.scrollRestoration = 'manual';
  }

  #clicked = false;

  #note(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
    this.#clicked = link !== null;
  }

  /** Remembers where the place that is left was. */
  leave(): void {
    this.#places.set(this.#here, scrollY);
  }

  /** Shows the new place from its top, or where it was left when the viewer comes back to it. */
  arrive(hash: string): void {
    const top = this.#back ? (this.#places.get(hash) ?? 0) : 0;
    this.#here = hash;
    this.#clicked = false;
    scrollTo({ top, behavior: 'instant' });
    if (top > 0) requestAnimationFrame(() => scrollTo({ top, behavior: 'instant' }));
  }
}
