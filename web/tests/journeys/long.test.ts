// A catalogue of ten thousand titles: only what is in sight is there, and every place of it can be reached.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Title } from '../../src/api/shapes';
import { begin, focused, pressUntil, type Journey } from '../journey';

const COUNT = 10_000;

/** The last of the usual titles, again and again under other names. */
const long = (usual: Title[]): Title[] =>
  usual.slice(-3, -2).flatMap((pattern) =>
    Array.from({ length: COUNT }, (_, at) => ({
      ...pattern,
      id: `title-${at + 1}`,
      name: `Title ${at + 1}`,
    })),
  );

describe('a catalogue of ten thousand titles', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin({ catalogue: long });
    await journey.go('#/all');
    await journey.page.getByRole('link', { name: 'Title 1 ', exact: false }).first().waitFor();
  });
  afterEach(() => journey.end());

  const cards = () => journey.page.locator('main [data-item]');

  /** Presses an arrow; again when what it leads to had not come yet. */
  async function step(key: string): Promise<void> {
    const { page } = journey;
    const before = await focused(page);
    await expect
      .poll(async () => {
        if ((await focused(page)) === before) await page.keyboard.press(key);
        return focused(page);
      })
      .not.toBe(before);
  }

  it('is scrolled from end to end without ever being there as a whole', async () => {
    const { page, mock } = journey;
    expect(await cards().count()).toBeLessThan(120);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
    await page
      .getByRole('link', { name: /^Title 50\d\d/ })
      .first()
      .waitFor();
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.getByRole('link', { name: `Title ${COUNT}` }).waitFor();
    expect(await cards().count()).toBeLessThan(120);
    const place = page.getByRole('listitem').filter({ hasText: `Title ${COUNT}` });
    expect(await place.getAttribute('aria-posinset')).toBe(String(COUNT));
    // The three places that were looked at, and not the way between them.
    const asked = mock.requests.filter(({ line }) => line === 'GET /api/v1/titles').length;
    expect(asked).toBeLessThan(16);
  });

  it('is walked through with the arrows, beyond what was there at first', async () => {
    const { page } = journey;
    await pressUntil(page, 'Tab', /^Title 1\b/);
    const columns = await page
      .getByRole('list', { name: 'All titles' })
      .evaluate((list) => getComputedStyle(list).gridTemplateColumns.split(' ').length);
    for (let row = 0; row < 12; row += 1) await step('ArrowDown');
    expect(await focused(page)).toMatch(new RegExp(`^Title ${12 * columns + 1}\\b`));
    for (let row = 0; row < 12; row += 1) await step('ArrowUp');
    expect(await focused(page)).toMatch(/^Title 1\b/);
  });

  it('keeps the focus where its next row has not come yet, and goes on when it has', async () => {
    const { page } = journey;
    await pressUntil(page, 'Tab', /^Title 1\b/);
    let [held, come] = [0, () => {}];
    const comes = new Promise<void>((resolve) => (come = resolve));
    await page.route('**/api/v1/titles?*', async (route) => {
      held += 1;
      await comes;
      await route.continue();
    });
    for (let press = 0; press < 60; press += 1) await page.keyboard.press('ArrowDown');
    const last = await focused(page);
    expect(last).toMatch(/^Title \d+/);
    expect(held).toBeGreaterThan(0);
    come();
    await step('ArrowDown');
    expect(await focused(page)).toMatch(/^Title \d+/);
  });

  it('is found again where it was left', async () => {
    const { page } = journey;
    await page.evaluate(() => scrollTo(0, 200_000));
    const card = page.getByRole('link', { name: /^Title \d{4}/ }).nth(30);
    // The cards of this place are drawn after the scroll, and only they may be clicked.
    await expect.poll(async () => Math.abs((await card.boundingBox())?.y ?? Infinity)).toBeLessThan(3_000);
    const name = (await card.locator('.text > .name').innerText()).trim();
    await card.click();
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name, exact: false }).first().waitFor();
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(190_000);
  });
});
