// The check that 24 words were written down: some of them are asked for.

/** How many words are asked for. */
export const ASKED = 3;

/** Places of the words that are asked for, in order, none twice. */
export function places(count: number, random: () => number = Math.random): number[] {
  const all = Array.from({ length: count }, (_, at) => at);
  for (let at = 0; at < Math.min(ASKED, count); at += 1) {
    const other = at + Math.floor(random() * (count - at));
    [all[at], all[other]] = [all[other] ?? 0, all[at] ?? 0];
  }
  return all.slice(0, ASKED).sort((one, other) => one - other);
}

/** Whether a word is the one that was shown; case and spaces do no harm. */
export const isWord = (given: string, word: string | undefined): boolean =>
  given.trim().toLowerCase() === word;

/** Where rights questions go: a bare mail address becomes one that a browser can open. */
export function contactOf(text: string): string {
  const bare = text.trim();
  return /^[^\s:/@]+@[^\s/@]+$/.test(bare) ? `mailto:${bare}` : bare;
}
