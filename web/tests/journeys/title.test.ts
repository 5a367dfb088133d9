// A title's page: its link for others, and a whole season at once.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, type Journey } from '../journey';

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
});
