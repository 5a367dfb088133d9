// A title's page: its link for others, and a whole season at once.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, focused, type Journey } from '../journey';

describe('the page of a title', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin({}, { permissions: ['clipboard-read', 'clipboard-write'] });
  });
  afterEach(() => journey.end());

  it('gives the link by which others find the same film', async () => {
    const { page, mock, go } = journey;
    await go('#/title/sintel');
    await page.getByRole('button', { name: 'Copy the magnet link of 720p' }).click();
    await page.getByText('Whoever opens this link finds the same film.').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe(mock.titles[0]?.releases[1]?.magnet);
  });

  it('marks a whole season as seen, and takes it back', async () => {
    const { page, mock, go } = journey;
    const seen = () =>
      mock.titles
        .find(({ id }) => id === 'caminandes')
        ?.seasons[0]?.episodes.map((episode) => episode.watched);
    await go('#/title/caminandes');
    await page.getByRole('button', { name: 'Mark the season as seen' }).click();
    await page.getByRole('tab', { name: 'Season 1 2/2' }).waitFor();
    await expect.poll(seen).toEqual([true, true]);
    await page.getByRole('button', { name: 'Mark the season as not seen' }).click();
    await expect.poll(seen).toEqual([false, false]);
  });

  it('offers to play of a withdrawn title only what is whole on this disk', async () => {
    const { page, mock, go } = journey;
    const title = mock.titles.find(({ id }) => id === 'sintel');
    const release = title?.releases[1];
    if (!title || !release) throw new Error('the film is not there');
    title.withdrawn = true;
    await go('#/title/sintel');
    await page.getByText('The publisher has withdrawn this title.').waitFor();
    expect(await page.getByRole('link', { name: /^Play|^Resume/ }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /Download/ }).count()).toBe(0);
    release.on_disk_bytes = release.size_bytes;
    await page.reload();
    await page
      .getByRole('link', { name: /^Play|^Resume/ })
      .first()
      .waitFor();
    expect(await page.getByRole('radio').count()).toBe(1);
  });

  it('has versions that arrows pass, and that Enter or Space chooses', async () => {
    const { page, go } = journey;
    await go('#/title/sintel');
    const group = page.getByRole('radiogroup', { name: 'Versions' });
    const chosen = () => group.getByRole('radio', { checked: true }).inputValue();
    const at = () => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.value ?? '');
    const all = await group
      .getByRole('radio')
      .evaluateAll((radios: HTMLInputElement[]) => radios.map(({ value }) => value));
    const [first = '', second = ''] = all;
    const last = all.at(-1) ?? '';
    await group.getByRole('radio').first().focus();
    expect(await chosen()).toBe(first);
    await page.keyboard.press('ArrowDown');
    expect([await at(), await chosen()]).toEqual([second, first]);
    await page.keyboard.press('Enter');
    expect([await at(), await chosen()]).toEqual([second, second]);
    await page.getByRole('link', { name: 'Play · 720p' }).waitFor();
    await page.keyboard.press('ArrowUp');
    expect([await at(), await chosen()]).toEqual([first, second]);
    await page.keyboard.press('Space');
    expect([await at(), await chosen()]).toEqual([first, first]);
    // Whoever passes the last one goes on down the page, and does not begin again at the first.
    for (let count = 0; count < all.length; count += 1) await page.keyboard.press('ArrowDown');
    expect(all).not.toContain(await at());
    expect(await chosen()).toBe(first);
    // For Tab the group is one stop: the choice, wherever arrows went.
    await group.getByRole('radio').last().focus();
    expect(await at()).toBe(last);
    await page.keyboard.press('Tab');
    expect(all).not.toContain(await at());
  });

  it('shows where its words will be while it is on its way, and then has the focus on its name', async () => {
    const { page, go } = journey;
    let come = (): void => undefined;
    const there = new Promise<void>((resolve) => (come = resolve));
    await page.route('**/api/v1/titles/metropolis', async (route) => {
      await there;
      await route.continue();
    });
    await go('#/title/metropolis');
    await page.getByRole('heading', { level: 1, name: 'Loading' }).waitFor();
    expect(await focused(page)).toMatch(/^Loading/);
    const box = await page.locator('article .poster').boundingBox();
    expect(await page.locator('article .waiting').isVisible()).toBe(true);
    come();
    await page.getByRole('heading', { level: 1, name: 'Metropolis' }).waitFor();
    await expect.poll(() => focused(page)).toBe('Metropolis');
    expect(await page.locator('article .waiting').count()).toBe(0);
    // What comes stands where it was promised.
    const { x, width } = (await page.locator('article .poster').boundingBox()) ?? {};
    expect({ x, width }).toEqual({ x: box?.x, width: box?.width });
  });
});
