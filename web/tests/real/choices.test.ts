// What a viewer changes while the film goes on: subtitles of their own, the quality, and where the picture stands.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeIn, moves, playbackOf, sight, type Visit } from './visit';

interface Release {
  id: string;
  quality: string;
}
interface Whole {
  name: string;
  releases: Release[];
}

describe('somebody who changes their mind while watching', () => {
  let visit: Visit;
  beforeAll(async () => {
    visit = await comeIn();
  });
  afterAll(() => visit.end());

  /** A film of this swarm that comes in more than one quality; none in a short programme. */
  async function twofold(): Promise<string | null> {
    const { titles } = await visit.ask<{ titles: { id: string; qualities: string[] }[] }>('/api/v1/titles');
    return titles.find((one) => one.qualities.length > 1)?.id ?? null;
  }

  it('reads a subtitle file of their own, in the charset it was written in', async () => {
    const { page } = visit;
    await page.evaluate(() => (location.hash = '#/title/demo.the-salt-road'));
    await page.getByRole('link', { name: /^(Play ·|Resume)/ }).click();
    await moves(page, [0.1, 39]);
    await page.keyboard.press('s');
    await page.locator('input[type=file]').setInputFiles({
      name: 'à moi.srt',
      mimeType: 'application/x-subrip',
      buffer: Buffer.from('1\r\n00:00:00,000 --> 00:00:40,000\r\nDéjà là, déjà loin\r\n', 'latin1'),
    });
    await page.getByText('Déjà là, déjà loin').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('v');
    await expect.poll(() => page.getByText('Déjà là, déjà loin').count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'The Salt Road' }).waitFor();
  });

  it('takes the picture into the corner, and the swarm goes on feeding it', async () => {
    const { page } = visit;
    await page.evaluate(() => (location.hash = '#/title/demo.the-salt-road'));
    const playback = await playbackOf(page, () =>
      page.getByRole('link', { name: /^(Play ·|Resume)/ }).click(),
    );
    await moves(page, [0.1, 39]);
    await page.keyboard.press('1');
    await moves(page, [3.9, 20]);
    await page.keyboard.press('e');
    await page.getByRole('heading', { level: 1, name: 'The Salt Road' }).waitFor();
    await page.getByRole('link', { name: 'Films', exact: true }).click();
    await page.getByText('4 titles', { exact: true }).waitFor();
    await moves(page, [3.9, 39]);
    const state = await visit.ask<{ peers: number }>(`/api/v1/playbacks/${playback}`);
    expect(state.peers).toBeGreaterThan(0);
    await page.getByRole('region', { name: 'Player' }).hover();
    await page.getByRole('button', { name: 'Stop watching' }).click();
    await expect.poll(() => page.locator('video').count()).toBe(0);
  });

  it('changes the quality, and it goes on at the same second', async ({ skip }) => {
    const { page } = visit;
    const id = await twofold();
    if (id === null) return skip('every film of this programme comes in one quality');
    const title = await visit.ask<Whole>(`/api/v1/titles/${id}`);
    const other = title.releases[1];
    if (!other) throw new Error(`${id} has one release only`);
    await page.evaluate((to) => (location.hash = `#/title/${to}`), id);
    await page.getByRole('link', { name: /^(Play ·|Resume)/ }).click();
    await moves(page, [0.1, 39]);
    await page.keyboard.press('4');
    await moves(page, [1, 60]);
    const { time } = await sight(page);
    await page.keyboard.press('q');
    const playback = await playbackOf(page, () =>
      page.getByRole('menuitemradio', { name: other.quality }).click(),
    );
    await moves(page, [time - 1.1, time + 20]);
    expect(playback).not.toBe('');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: title.name }).waitFor();
  });
});
