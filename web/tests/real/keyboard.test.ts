// From the first page into a film and back with nothing but keys.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { focused, pressUntil } from '../journey';
import { comeIn, moves, sight, type Visit } from './visit';

describe('somebody without a mouse', () => {
  let visit: Visit;
  beforeEach(async () => {
    visit = await comeIn();
  });
  afterEach(() => visit.end());

  it('opens a film, plays, pauses, seeks, reads subtitles, and comes back', async () => {
    const { page } = visit;
    const paused = () => page.evaluate(() => document.querySelector('video')?.paused);
    await pressUntil(page, 'Tab', /^Films$/);
    await page.keyboard.press('Enter');
    await page.getByText('4 titles', { exact: true }).waitFor();
    await pressUntil(page, 'Tab', /^The Salt Road/);
    await pressUntil(page, 'ArrowRight', /^Perihelion/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Perihelion' }).waitFor();
    await page.getByRole('link', { name: /^(Play ·|Resume)/ }).waitFor();
    await pressUntil(page, 'Tab', /^(Play ·|Resume)/);
    await page.keyboard.press('Enter');
    await moves(page, [0.1, 39]);
    await page.keyboard.press('2');
    await moves(page, [7.9, 14]);
    await page.keyboard.press('Space');
    await expect.poll(paused).toBe(true);
    const { time } = await sight(page);
    await page.keyboard.press('ArrowRight');
    expect((await sight(page)).time).toBeCloseTo(time + 5, 0);
    await page.keyboard.press('s');
    const sheet = page.getByRole('dialog', { name: 'Subtitles' });
    await sheet.waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => sheet.getByRole('radio', { name: 'English' }).isChecked()).toBe(true);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Space');
    await expect.poll(paused).toBe(false);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Perihelion' }).waitFor();
    expect(await focused(page)).not.toBe('');
  });
});
