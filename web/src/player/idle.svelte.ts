// When the controls go out of sight: after a while without movement, and never under the viewer's hand.

const AFTER_MS = 3_000;

export class Idle {
  hidden = $state(false);
  #busy: () => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stage: HTMLElement | undefined;

  /** `busy` says that the controls are needed now, whatever the pointer does. */
  constructor(busy: () => boolean) {
    this.#busy = busy;
  }

  /** Knows the stage, so that it can see whether the keyboard's focus is inside. */
  guard = (stage: HTMLElement): void => {
    this.#stage = stage;
  };

  watch(): () => void {
    this.wake();
    return () => clearTimeout(this.#timer);
  }

  wake = (): void => {
    this.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#sleep, AFTER_MS);
  };

  toggle(): void {
    if (this.hidden) this.wake();
    else this.hidden = !this.#busy();
  }

  #sleep = (): void => {
    const focused = this.#stage?.querySelector(':focus-visible') ?? null;
    if (this.#busy() || focused !== null) this.#later();
    else this.hidden = true;
  };

  #later(): void {
    this.#timer = setTimeout(this.#sleep, AFTER_MS);
  }
}
