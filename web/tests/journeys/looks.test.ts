// Every page, at every size, in both colours and both directions: nothing sticks out, and nobody is shut out.
// With KINORA_SCREENS=<folder> each of them is also drawn into a picture to look at.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from '../axe';
import { NEW_KEY, SILENT_KEY } from '../mock/channels';
import { OWN_SITE } from '../mock/sites';
import { begin, overflow, playsPast, type Journey } from '../journey';

const PAGES: Record<string, string> = {
  home: '#/',
  browse: '#/all',
  search: '#/search?q=the',
  nothing: '#/search?q=zzzz',
  film: '#/title/sintel',
  drawn: '#/title/night-living-dead',
  series: '#/title/pioneer-one',
  channels: '#/channels',
  channel: `#/channel/${SILENT_KEY}`,
  follow: `#/follow/${encodeURIComponent(`kinora:${NEW_KEY}?x.pe=192.0.2.7:6881`)}`,
  'new-channel': '#/publish',
  sites: '#/sites',
  'new-site': '#/site',
  'own-site': `#/site/${OWN_SITE}`,
  library: '#/library',
  downloads: '#/downloads',
  settings: '#/settings',
  network: '#/network',
  about: '#/about',
};
const WIDTHS = [320, 768, 1280, 1920, 2560];
const folder = process.env['KINORA_SCREENS'];

let journey: Journey;
beforeAll(async () => {
  journey = await begin();
  const { mock } = journey;
  const [sintel, bunny] = mock.titles;
  if (sintel) sintel.favourite = true;
  if (bunny)
    bunny.progress = { item_id: bunny.id, position_s: 300, duration_s: 600, fraction: 0.5, updated_at: '' };
});
afterAll(() => journey.end());

/** Goes to a page in a size, and waits until what it shows has come. */
async function see(name: string, width: number): Promise<void> {
  const { page, go } = journey;
  await page.setViewportSize({ width, height: Math.round(width < 700 ? width * 2 : width * 0.5625) });
  await go(PAGES[name] ?? '#/');
  await page.waitForFunction(() => {
    const near = [...document.images].filter((image) => image.getBoundingClientRect().top < innerHeight);
    return document.querySelector('.skeleton, .waiting') === null && near.every((image) => image.complete);
  });
  await settled();
}

/** Waits until whatever fades or moves in has come to rest. */
async function settled(): Promise<void> {
  await journey.page.waitForFunction(() =>
    document
      .getAnimations()
      .every((one) => one.playState !== 'running' || one.effect?.getTiming().iterations === Infinity),
  );
}

async function draw(name: string): Promise<void> {
  if (folder) await journey.page.screenshot({ path: `${folder}/${name}.png` });
}

async function wear(theme: 'dark' | 'light'): Promise<void> {
  const { page } = journey;
  await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme);
}

describe.each(Object.keys(PAGES))('the page "%s"', (name) => {
  it.each(WIDTHS)('fits into %i pixels', async (width) => {
    await see(name, width);
    await draw(`${name}-${width}`);
    expect(await overflow(journey.page)).toBe(0);
  });

  it.each(['dark', 'light'] as const)('shuts nobody out in %s colours', async (theme) => {
    await see(name, 1280);
    await wear(theme);
    await settled();
    await draw(`${name}-${theme}`);
    expect(await barriers(journey.page)).toEqual([]);
  });

  it('can be turned around', async () => {
    const { page } = journey;
    await see(name, 1280);
    await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    await draw(`${name}-rtl`);
    expect(await overflow(page)).toBe(0);
    const rail = await page.getByRole('navigation', { name: 'Places' }).boundingBox();
    expect((rail?.x ?? 0) + (rail?.width ?? 0)).toBe(1280);
    await page.evaluate(() => (document.documentElement.dir = 'ltr'));
  });
});

describe('the player', () => {
  it('shuts nobody out, and fits on a phone', async () => {
    const { page, go } = journey;
    await go('#/title/sintel');
    await page.getByRole('link', { name: 'Play · 1080p' }).click();
    await playsPast(page, 0.2);
    await page.keyboard.press('s');
    await page.getByRole('dialog', { name: 'Subtitles' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    for (const width of [320, 1280, 1920]) {
      await page.setViewportSize({ width, height: Math.round(width < 700 ? width * 2 : width * 0.5625) });
      await draw(`player-${width}`);
      expect(await overflow(page)).toBe(0);
      const last = await page.getByRole('button', { name: 'Full screen' }).boundingBox();
      expect((last?.x ?? 0) + (last?.width ?? 0)).toBeLessThanOrEqual(width);
    }
  });
});

describe('a finger', () => {
  it('finds everything large enough', async () => {
    const { page } = journey;
    for (const name of [
      'home',
      'browse',
      'film',
      'series',
      'channels',
      'channel',
      'follow',
      'sites',
      'own-site',
      'settings',
    ]) {
      await see(name, 390);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, a[href], select, [role=switch]')]
          .filter((one) => one.checkVisibility() && getComputedStyle(one).display !== 'inline')
          .map((one) => ({
            name: one.ariaLabel ?? one.innerText,
            box: (one.closest('label') ?? one).getBoundingClientRect(),
          }))
          .filter(({ box }) => box.width > 0 && box.right > 0 && box.height < 43.5)
          .map(({ name: label, box }) => `${label} ${box.width}×${box.height}`),
      );
      expect(small, name).toEqual([]);
    }
  });
});

describe('a viewer whose system has a few colours only', () => {
  it('still sees what is on, how far it is, and where they are', async () => {
    const { page, go } = journey;
    await page.emulateMedia({ forcedColors: 'active' });
    const differs = (selector: string, property: string) =>
      page
        .locator(selector)
        .first()
        .evaluate(
          (one, name) =>
            getComputedStyle(one).getPropertyValue(name) !==
            getComputedStyle(document.body).getPropertyValue('background-color'),
          property,
        );
    await go('#/settings');
    expect(await differs('[role=switch]:checked', 'background-color')).toBe(true);
    expect(await differs('[aria-current=page]', 'outline-color')).toBe(true);
    await go('#/title/sintel');
    await page.getByRole('link', { name: /^(Play ·|Resume)/ }).click();
    await playsPast(page, 0.2);
    for (const part of ['.played', '.here', '.knob'])
      expect(await differs(`[role=slider] ${part}`, 'background-color'), part).toBe(true);
    await draw('player-forced');
    await page.emulateMedia({ forcedColors: 'none' });
  });
});

describe('a viewer who wants no motion', () => {
  it('gets none', async () => {
    const { page, go } = journey;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await go('#/');
    const moving = await page.evaluate(
      () =>
        document.getAnimations().filter((one) => Number(one.effect?.getComputedTiming().duration) > 1).length,
    );
    expect(moving).toBe(0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
  });
});
