// The cards seen last, so that a title's page can show its name and poster before the server answers.
import type { Card } from '../api/shapes';

const cards = new Map<string, Card>();
const MAX = 300;

export function remember(card: Card): void {
  cards.delete(card.id);
  cards.set(card.id, card);
  const oldest = cards.keys().next();
  if (cards.size > MAX && !oldest.done) cards.delete(oldest.value);
}

export const recall = (id: string): Card | null => cards.get(id) ?? null;
