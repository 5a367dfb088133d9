// Every sentence shown to a person, in the language they chose.
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import { negotiateLanguages } from '@fluent/langneg';

type Loader = () => Promise<string>;

/** The languages the page speaks, each under its own name, and where their words are. */
const languages: Record<string, { name: string; load: Loader }> = {
  en: { name: 'English', load: async () => (await import('./en.ftl?raw')).default },
  fr: { name: 'Français', load: async () => (await import('./fr.ftl?raw')).default },
};

export const available = Object.entries(languages).map(([code, { name }]) => ({ code, name }));

/** What is spoken now. */
let current = $state.raw({ code: 'en', bundle: bundle('en', '', false) });

function bundle(code: string, text: string, isolate: boolean): FluentBundle {
  const made = new FluentBundle(code, { useIsolating: isolate });
  made.addResource(new FluentResource(text));
  return made;
}

/** Chooses the language nearest to what is wished: the setting first, then the browser's own. */
export function negotiate(wished: readonly string[]): string {
  return (
    negotiateLanguages([...wished], Object.keys(languages), { defaultLocale: 'en', strategy: 'lookup' })[0] ??
    'en'
  );
}

/** Speaks another language from now on. */
export async function speak(wished: readonly string[]): Promise<void> {
  const code = negotiate(wished);
  const text = await languages[code]?.load();
  if (text === undefined) return;
  // Turns the page around to try how it looks from right to left before a language needs it.
  const mirrored = localStorage.getItem('kinora-direction') === 'rtl';
  const direction = mirrored ? 'rtl' : directionOf(code);
  // Names are fenced in only where they could turn the sentence around.
  current = { code, bundle: bundle(code, text, direction === 'rtl') };
  document.documentElement.lang = code;
  document.documentElement.dir = direction;
}

const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** The direction a language is written in. */
export function directionOf(code: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(code.split('-')[0] ?? '') ? 'rtl' : 'ltr';
}

/** The code of the language spoken now. */
export const language = (): string => current.code;

type Values = Record<string, FluentVariable>;

/** A sentence. A missing one shows its own name; a test sees to it that no language misses any. */
export function t(id: string, values?: Values): string {
  return known(id, values) ?? id;
}

/** A sentence the server or a catalogue names, when we have words for it. */
export function known(id: string, values: Values = {}): string | null {
  const pattern = current.bundle.getMessage(id)?.value;
  return pattern ? current.bundle.formatPattern(pattern, values, []) : null;
}
