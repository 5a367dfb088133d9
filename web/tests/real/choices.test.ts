// What a viewer changes while the film goes on: subtitles of their own, and where the picture stands.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeIn, moves, playbackOf, type Visit } from './visit';

describe('somebody who changes their mind while watching', () => {
  let visit: Visit;
  beforeAll(async () => {
    visit = await comeIn();
  });
  afterAll(() => visit.end());

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
});
