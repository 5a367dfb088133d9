// A long list of titles, of which the parts that are looked at have been fetched.
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
  /** The titles by their places; empty where nothing has been fetched yet. */
  cards: Record<number, Card> = $state({});
  total: number | null = $state(null);
  error: unknown = $state(null);
  #filter: api.Filter;
  #pages = new Set<number>();
  #seen: [from: number, to: number] = [0, 1];

  constructor(filter: api.Filter) {
    this.#filter = filter;
  }

  /** Fetches again what is looked at; what is shown stays until it has come. */
  async start(): Promise<void> {
    this.#pages.clear();
    await this.need(...this.#seen);
  }

  /** Fetches what is missing between two places. */
  async need(from: number, to: number): Promise<void> {
    this.#seen = [from, to];
    const last = Math.max(from, Math.min(to, this.total ?? to) - 1);
    const pages: Promise<void>[] = [];
    for (let page = Math.floor(from / PAGE); page <= Math.floor(last / PAGE); page += 1) {
      if (!this.#pages.has(page)) pages.push(this.#fetch(page));
    }
    await Promise.all(pages);
  }

  async #fetch(page: number): Promise<void> {
    this.#pages.add(page);
    try {
      const { titles, total } = await api.titles(this.#filter, PAGE, page * PAGE);
      if (total !== this.total) this.#forget(page);
      titles.forEach((card, at) => (this.cards[page * PAGE + at] = card));
      this.total = total;
      this.error = null;
    } catch (cause) {
      this.#pages.delete(page);
      this.error = cause;
    }
  }

  /** Another length means other places: only what has just come is sure to stand where it says. */
  #forget(page: number): void {
    this.cards = {};
    this.#pages = new Set([page]);
  }
}
