// The part of a long list that has been fetched, and the fetching of more.
import * as api from '../api/client';
import type { Card } from '../api/shapes';

const PAGE = 60;

export class Shelf {
  cards: Card[] = $state([]);
  total: number | null = $state(null);
  error: unknown = $state(null);
  #filter: api.Filter;
  #busy = false;

  constructor(filter: api.Filter) {
    this.#filter = filter;
  }

  /** Fetches the first page; what is shown stays until it has come. */
  async start(): Promise<void> {
    await this.#fetch(0);
  }

  /** Fetches the next page, when there is one. */
  async more(): Promise<void> {
    if (this.total === null || this.cards.length >= this.total) return;
    await this.#fetch(this.cards.length);
  }

  async #fetch(offset: number): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const page = await api.titles(this.#filter, PAGE, offset);
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
