// The part of a long list that has been fetched, and the fetching of more.
import * as api from '../api/client';
import type { Card } from '../api/shapes';

const PAGE = 60;

/** The lists seen last, whole, so that going back finds the same line again at once. */
const kept = new Map<string, Shelf>();
const KEPT_MAX = 8;

/** The list of a filter, as far as it was fetched before. */
export function shelfOf(filter: api.Filter): Shelf {
  const key = JSON.stringify(filter);
  const shelf = kept.get(key) ?? new Shelf(filter);
  kept.delete(key);
  kept.set(key, shelf);
  const oldest = kept.keys().next();
  if (kept.size > KEPT_MAX && !oldest.done) kept.delete(oldest.value);
  return shelf;
}

export class Shelf {
  cards: Card[] = $state([]);
  total: number | null = $state(null);
  error: unknown = $state(null);
  #filter: api.Filter;
  #busy = false;

  constructor(filter: api.Filter) {
    this.#filter = filter;
  }

  /** Fetches the beginning, as far as it was fetched before; what is shown stays until it has come. */
  async start(): Promise<void> {
    await this.#fetch(0, Math.max(PAGE, this.cards.length));
  }

  /** Fetches the next page, when there is one. */
  async more(): Promise<void> {
    if (this.total === null || this.cards.length >= this.total) return;
    await this.#fetch(this.cards.length, PAGE);
  }

  async #fetch(offset: number, limit: number): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const page = await api.titles(this.#filter, limit, offset);
      this.cards = offset === 0 ? page.titles : [...this.cards, ...page.titles];
      this.total = page.total;
      this.error = null;
    } catch (cause) {
      this.error = cause;
    } finally {
      this.#busy = false;
    }
  }
}
