// Something the server knows, kept for the next visit: shown at once, and asked for again behind the scenes.

const kept = new Map<string, unknown>();
const KEPT_MAX = 60;

export class Resource<T> {
  data: T | null = $state(null);
  error: unknown = $state(null);
  /** Asked for, and nothing to show yet. */
  readonly waiting: boolean = $derived(this.data === null && this.error === null);
  #fetch: () => Promise<T>;
  #key: string;
  #turn = 0;

  constructor(key: string, fetch: () => Promise<T>) {
    this.#key = key;
    this.#fetch = fetch;
    this.data = (kept.get(key) as T | undefined) ?? null;
  }

  /** Asks the server; a later answer never gives way to an earlier one. */
  load = async (): Promise<void> => {
    const turn = (this.#turn += 1);
    try {
      const data = await this.#fetch();
      if (turn !== this.#turn) return;
      this.data = data;
      this.error = null;
      keep(this.#key, data);
    } catch (cause) {
      if (turn === this.#turn) this.error = cause;
    }
  };
}

function keep(key: string, data: unknown): void {
  kept.delete(key);
  kept.set(key, data);
  const oldest = kept.keys().next();
  if (kept.size > KEPT_MAX && !oldest.done) kept.delete(oldest.value);
}
