// Every form in which films come: each plays in a real browser, from the first second and from the middle.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { comeIn, moves, type Visit } from './visit';

describe('a film', () => {
  let visit: Visit;
  beforeEach(async () => {
    visit = await comeIn();
  });
  afterEach(() => visit.end());

  it.each([
    ['MP4 whose index comes last, from a v1 torrent', 'night-ferry'],
    ['WebM with VP9 and Opus', 'perihelion'],
    ['Matroska with H.264 and AAC', 'last-tram-to-hollow-hill'],
  ])('plays and seeks: %s', async (_, id) => {
    const { page } = visit;
    await page.evaluate((to) => (location.hash = `#/title/demo.${to}`), id);
    await page.getByRole('link', { name: 'Play · 288p' }).click();
    await moves(page, [0.1, 30]);
    await page.keyboard.press('6');
    await moves(page, [23.9, 30]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: /Resume at 0:[23]\d/ }).waitFor();
  });

  it('of a series is followed by the next one', async () => {
    const { page } = visit;
    await page.evaluate(() => (location.hash = '#/title/demo.the-cartographers'));
    await page.getByRole('link', { name: 'Play S1 E1' }).click();
    await moves(page, [0.1, 30]);
    await page.keyboard.press('n');
    await page.getByText('North Is a Suggestion').waitFor();
    await moves(page, [0.1, 30]);
    expect(page.url()).toContain('s1e2');
  });
});
