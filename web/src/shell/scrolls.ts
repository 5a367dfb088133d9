// How each place was left, so that going back finds the same line, and the same link under the focus.

interface Left {
  top: number;
  /** Where the link that had the focus leads. */
  link: string | null;
}

export class Scrolls {
  #places = new Map<string, Left>();
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

  /** Remembers how the place that is left was. */
  leave(): void {
    const link = document.activeElement?.closest('main [data-item][href]')?.getAttribute('href') ?? null;
    this.#places.set(this.#here, { top: scrollY, link });
  }

  /** Shows the new place from its top, or where it was left when the viewer comes back to it. */
  arrive(hash: string): void {
    const top = this.#back ? (this.#places.get(hash)?.top ?? 0) : 0;
    this.#here = hash;
    this.#clicked = false;
    scrollTo({ top, behavior: 'instant' });
    if (top > 0) requestAnimationFrame(() => scrollTo({ top, behavior: 'instant' }));
  }

  /** The link this place was left by, when the viewer has come back and it is still there. */
  left(): HTMLElement | null {
    const link = this.#back ? this.#places.get(this.#here)?.link : null;
    return link ? document.querySelector(`main [data-item][href="${CSS.escape(link)}"]`) : null;
  }
}
