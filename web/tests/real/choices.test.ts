// What a viewer changes while the film goes on: subtitles of their own, and where the picture stands.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { comeIn, moves, playbackOf, sight, type Visit } from './visit';

/** One of the lines of the French subtitles. */
const FRENCH = /Nous avions dit|Tu entends|Personne n’est venu|Garde la carte|Je te croyais/;

describe('somebody who changes their mind while watching', () => {
  let visit: Visit;
  beforeEach(async () => {
    visit = await comeIn();
  });
  afterEach(() => visit.end());

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

  it('turns to a smaller picture, at the same second and with the same subtitles', async () => {
    const { page } = visit;
    await page.evaluate(() => (location.hash = '#/title/demo.the-salt-road'));
    const large = await playbackOf(page, () =>
      page.getByRole('link', { name: /^(Play · 288p|Resume)/ }).click(),
    );
    await moves(page, [0.1, 39]);
    const height = () => page.evaluate(() => document.querySelector('video')?.videoHeight);
    expect(await height()).toBe(288);
    await page.keyboard.press('s');
    const sheet = page.getByRole('dialog', { name: 'Subtitles' });
    await sheet.getByRole('radio', { name: 'Français' }).check();
    await sheet.getByRole('button', { name: 'Close' }).click();
    await page.keyboard.press('5');
    await moves(page, [19.9, 30]);
    const { time } = await sight(page);
    await page.getByRole('region', { name: 'Player' }).hover();
    await page.keyboard.press('q');
    const small = await playbackOf(page, () => page.getByRole('menuitemradio', { name: /^144p/ }).click());
    await expect.poll(height).toBe(144);
    await moves(page, [time - 1, 39]);
    expect(small).not.toBe(large);
    await page.keyboard.press('4');
    await page.getByText(FRENCH).first().waitFor();

    // What nobody watches any more is let go: its playback is gone from the server.
    await expect.poll(() => visit.status(`/api/v1/playbacks/${large}`)).toBe(404);
    const facts = page.getByRole('dialog', { name: 'What is happening' });
    await page.keyboard.press('d');
    await facts.getByText(/ × 144\b/).waitFor();
    await facts.getByText('Found wrong').waitFor();
    // The demo's tracker counts those who are there, and we are one of them.
    await facts.getByText(/^\d+ complete, [1-9]\d* fetching$/).waitFor();
    await page.keyboard.press('Escape');
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
