// The picture that goes along: in the corner while looking around, and in full screen from episode to episode.
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, playsPast, type Journey } from '../journey';

const seconds = (page: Page): Promise<number> =>
  page.evaluate(() => document.querySelector('video')?.currentTime ?? -1);

/** Moves the film to just before its end. */
const nearEnd = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const video = document.querySelector('video');
    if (video) video.currentTime = video.duration - 0.5;
  });

describe('somebody who looks around while a film plays', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
    await journey.go('#/title/pioneer-one');
    await journey.page.getByRole('link', { name: 'Play S1 E1' }).click();
    await playsPast(journey.page, 0.2);
  });
  afterEach(() => journey.end());

  const asked = (line: RegExp) => journey.mock.requests.filter((one) => line.test(one.line)).length;

  it('takes the picture into the corner, and comes back to it without a gap', async () => {
    const { page, go } = journey;
    await page.keyboard.press('2');
    await playsPast(page, 18.2);
    await page.keyboard.press('e');
    await page.getByRole('heading', { level: 1, name: 'Pioneer One' }).waitFor();
    await go('#/all');
    await playsPast(page, (await seconds(page)) + 0.5);
    const player = page.getByRole('region', { name: 'Player' });
    const box = await player.boundingBox();
    expect(box?.width).toBeLessThan(420);
    await page.keyboard.press('Shift+Escape');
    await page.keyboard.press('Enter');
    await page.getByRole('slider', { name: 'Position' }).waitFor();
    await playsPast(page, 19);
    expect(asked(/^POST .*\/play$/)).toBe(1);
    expect(asked(/^DELETE .*\/playbacks\//)).toBe(0);
  });

  it('stops it there, and its place is kept', async () => {
    const { page, mock } = journey;
    await page.keyboard.press('3');
    await playsPast(page, 27.2);
    await page.keyboard.press('e');
    await page.getByRole('heading', { level: 1, name: 'Pioneer One' }).waitFor();
    await page.getByRole('region', { name: 'Player' }).hover();
    await page.getByRole('button', { name: 'Stop watching' }).click();
    await expect.poll(() => page.locator('video').count()).toBe(0);
    await expect.poll(() => asked(/^DELETE .*\/playbacks\//)).toBe(1);
    const title = mock.titles.find(({ id }) => id === 'pioneer-one');
    await expect.poll(() => title?.progress?.position_s ?? 0).toBeGreaterThan(27);
  });

  it('sees the next episode begin in the corner, and stays where they are', async () => {
    const { page, go, mock } = journey;
    await page.keyboard.press('e');
    await page.getByRole('heading', { level: 1, name: 'Pioneer One' }).waitFor();
    await go('#/library');
    await nearEnd(page);
    await expect.poll(() => page.evaluate(() => document.querySelector('video')?.src)).toContain('s1e2');
    await playsPast(page, 0.2);
    expect(page.url()).toContain('#/library');
    expect(mock.requests.map(({ line }) => line)).toContain('PUT /api/v1/progress/pioneer-one-s1e1');
  });

  it('stays in full screen from one episode to the next', async () => {
    const { page } = journey;
    const full = () => page.evaluate(() => document.fullscreenElement !== null);
    await page.keyboard.press('f');
    await expect.poll(full).toBe(true);
    await nearEnd(page);
    await page.getByText('S1 E2 · The Man From Mars').waitFor();
    await playsPast(page, 0.2);
    expect(await full()).toBe(true);
  });

  it('is left at the end of an episode when going on by itself is switched off', async () => {
    const { page, go } = journey;
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Pioneer One' }).waitFor();
    await go('#/settings');
    await page.getByRole('switch', { name: /Go on to the next episode/ }).uncheck();
    await go('#/play/pioneer-one-s1e1?from=0');
    await playsPast(page, 0.2);
    await nearEnd(page);
    const card = page.getByRole('complementary', { name: 'Next episode' });
    await page.getByRole('button', { name: 'Play again' }).waitFor();
    await card.getByRole('button', { name: 'Play now' }).click();
    await page.getByText('S1 E2 · The Man From Mars').waitFor();
  });
});
