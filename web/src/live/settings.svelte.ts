// The household's settings, as the server keeps them.
import * as api from '../api/client';
import type { Settings, SettingsPatch } from '../api/shapes';
import { negotiate, speak } from '../words/index.svelte';

export const household: { settings: Settings | null; error: unknown } = $state({
  settings: null,
  error: null,
});

export async function load(): Promise<void> {
  try {
    const found = await api.settings();
    // Nobody has chosen a language yet: the household reads the one of the first browser that comes, and says
    // what titles are called in it too.
    const chosen = found.language !== '';
    await apply(chosen ? found : await api.saveSettings({ language: negotiate(navigator.languages) }));
    household.error = null;
  } catch (cause) {
    household.error = cause;
  }
}

/** Saves what changed; the page follows the server's answer. */
export async function save(patch: SettingsPatch): Promise<void> {
  await apply(await api.saveSettings(patch));
}

async function apply(settings: Settings): Promise<void> {
  household.settings = settings;
  wear(settings.theme);
  await speak([settings.language, ...navigator.languages].filter(Boolean));
}

/** Dresses the page; remembered here too, so that the next start does not flash in the other colour. */
export function wear(theme: Settings['theme']): void {
  localStorage.setItem('kinora-theme', theme);
  const dark = theme === 'system' ? !matchMedia('(prefers-color-scheme: light)').matches : theme === 'dark';
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}

/** What the page wears before the server has answered. */
export function wearRemembered(): void {
  const remembered = localStorage.getItem('kinora-theme');
  wear(remembered === 'dark' || remembered === 'light' ? remembered : 'system');
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', () => {
    wear(household.settings?.theme ?? 'system');
  });
}
