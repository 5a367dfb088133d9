// The 24 words on paper while they are typed: each is compared with the list here, and none is sent before all are there.

/** How many words a channel has. */
export const COUNT = 24;
/** What somebody types to bring something back. */
export interface Typed {
  words: string[];
  passphrase: string;
  /** The passphrase once more. */
  again: string;
  address: string;
}

export const blank = (): Typed => ({
  words: Array.from({ length: COUNT }, () => ''),
  passphrase: '',
  again: '',
  address: '',
});

/** So many letters tell every word of the list from all others. */
const TELLING = 4;

/** The words in what somebody pasted; numbers, commas and the like before and after them do no harm. */
export const wordsIn = (text: string): string[] => text.toLowerCase().match(/[a-z]+/g) ?? [];

/** Whether it is a word of the list. The list is in the order of the alphabet. */
export const isListed = (word: string, list: readonly string[]): boolean => list.includes(word);

/** The one word of the list that begins like this, once enough was typed to tell. */
export function completed(word: string, list: readonly string[]): string {
  if (word.length < TELLING || isListed(word, list)) return word;
  const fitting = list.filter((one) => one.startsWith(word));
  return fitting.length === 1 ? (fitting[0] ?? word) : word;
}

/** What a word that is not on the list may have been; nothing if several fit equally well. */
export function meant(word: string, list: readonly string[]): string | null {
  let nearest: string[] = [];
  let least = 3;
  for (const one of list) {
    const apart = distance(word, one);
    if (apart < least) [least, nearest] = [apart, []];
    if (apart === least) nearest.push(one);
  }
  return nearest.length === 1 ? (nearest[0] ?? null) : null;
}

/** How many letters were changed, left out, added, or changed places with their neighbour. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let at = 1; at <= other.length; at += 1) {
      const same = one[row - 1] === other[at - 1];
      const turned = one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1];
      next[at] = Math.min(
        (last[at] ?? 0) + 1,
        (next[at - 1] ?? 0) + 1,
        (last[at - 1] ?? 0) + (same ? 0 : 1),
        row > 1 && at > 1 && turned ? (before[at - 2] ?? 0) + 1 : Infinity,
      );
    }
    [before, last] = [last, next];
  }
  return last[other.length] ?? 0;
}
