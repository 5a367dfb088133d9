// A magnet link from outside: what it names comes from the swarm, its description as well as its films.
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { comeIn, moves, type Visit } from './visit';

interface Catalogue {
  titles: {
    id: string;
    seasons?: { episodes: { releases: { torrent: { v1: string; trackers: string[] } }[] }[] }[];
  }[];
}

/** A link to the second season of the series: the demo's tracker is all it says besides the infohash. */
async function magnet(): Promise<string> {
  const catalogue = JSON.parse(await readFile(inject('demo').catalogue, 'utf8')) as Catalogue;
  const series = catalogue.titles.find(({ id }) => id === 'the-cartographers');
  const torrent = series?.seasons?.[1]?.episodes[0]?.releases[0]?.torrent;
  if (!torrent) throw new Error('the demo has no second season');
  const trackers = torrent.trackers.map((url) => `&tr=${encodeURIComponent(url)}`);
  return `magnet:?xt=urn:btih:${torrent.v1}${trackers.join('')}`;
}

describe('a magnet link that is dropped on the page', () => {
  let visit: Visit;
  beforeEach(async () => {
    visit = await comeIn();
  });
  afterEach(() => visit.end());

  it('brings its files to choose from, and the chosen one plays', async () => {
    const { page } = visit;
    const data = await page.evaluateHandle(
      (link) => {
        const transfer = new DataTransfer();
        transfer.setData('text/plain', link);
        return transfer;
      },
      await magnet(),
    );
    await page.dispatchEvent('main', 'dragover', { dataTransfer: data });
    await page.dispatchEvent('main', 'drop', { dataTransfer: data });
    const dialog = page.getByRole('dialog', { name: 'Which file?' });
    await dialog.getByText('The Cartographers Season 2 288p').first().waitFor();
    expect(await dialog.getByRole('button', { name: /\.srt/ }).first().isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: /The Night Line\.mp4/ }).click();
    await moves(page, [0.1, 30]);
    await page.keyboard.press('7');
    await moves(page, [13, 100]);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Downloads' }).waitFor();
    await page.getByText('The Cartographers Season 2 288p').first().waitFor();
  });
});
