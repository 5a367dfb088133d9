// Failures in words: what happened, and what can be done.
import { known, t } from './index.svelte';

interface Said {
  code: string;
  title: string;
  detail?: string | null;
  hint?: string | null;
}

/** What is spoken of where a failure is said of more than one kind of thing: `problem-mirror-bad-site`. */
export type About = 'channel' | 'site';

/** What a failure says. Our own words for its code come first, because they are in the reader's language. */
export function explain(
  cause: unknown,
  about: About = 'channel',
): { title: string; text: string; code: string } {
  const said = saidBy(cause);
  const name = said.code.replaceAll('_', '-').replaceAll('.', '-');
  const words = (more: string) => known(`problem-${name}-${about}${more}`) ?? known(`problem-${name}${more}`);
  const title = words('') ?? (said.title || t('problem-failed'));
  const ours = words('-hint');
  const theirs = [said.detail, said.hint].filter(Boolean).join('\n');
  return { title, text: ours ?? (theirs || t('problem-failed-hint')), code: said.code };
}

function saidBy(cause: unknown): Said {
  const problem = typeof cause === 'object' && cause !== null && 'problem' in cause ? cause.problem : cause;
  const readable = typeof problem === 'object' && problem !== null && 'code' in problem && 'title' in problem;
  return readable ? (problem as Said) : { code: 'failed', title: '' };
}

/** The same in one line: what happened and what to do. */
export function inOneLine(cause: unknown, about?: About): string {
  const { title, text } = explain(cause, about);
  return `${title} ${text}`;
}
