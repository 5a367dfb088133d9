// The first start: nothing happens before the viewer has answered.
import { afterEach, describe, expect, it } from 'vitest';
import { barriers } from '../axe';
import { begin, focused, type Journey } from '../journey';

describe('at the first start', () => {
  let journey: Journey;
  afterEach(() => journey.end());

  it('the page asks about sharing, sends nothing before, and remembers the answer', async () => {
    journey = await begin({ consent: false });
    const { page, mock } = journey;
    await page.getByRole('heading', { name: 'A cinema that belongs to its audience' }).waitFor();
    expect(await barriers(page)).toEqual([]);

    // No way around it.
    await page.evaluate(() => (location.hash = '#/films'));
    await page.getByRole('heading', { name: 'Your address is visible' }).waitFor();

    await page.getByLabel('Upload at most').selectOption('256');
    // The answer is below the screen of a phone, and what comes then is seen from its top.
    await page.setViewportSize({ width: 390, height: 500 });
    await page.getByRole('button', { name: 'I understand' }).press('Enter');
    await page.getByRole('navigation', { name: 'Places' }).waitFor();
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
    await expect.poll(() => focused(page)).toBe('Films');
    expect(mock.settings.consent.given).toBe(true);
    expect(mock.settings.sharing.up_limit_kib).toBe(256);
    expect(mock.requests.filter(({ line }) => line.startsWith('POST')).map(({ line }) => line)).toEqual([
      'POST /api/v1/consent',
    ]);
  });

  it('the page speaks French when that is chosen', async () => {
    journey = await begin({ consent: false });
    const { page } = journey;
    await page.getByLabel('Language').selectOption('fr');
    await page.getByRole('heading', { name: 'Un cinéma qui appartient à son public' }).waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('fr');
  });

  it('a household that has chosen no language is spoken to in the one of its browser', async () => {
    journey = await begin({ consent: false, language: '' }, { locale: 'fr-CA' });
    const { page, mock } = journey;
    await page.getByRole('heading', { name: 'Un cinéma qui appartient à son public' }).waitFor();
    expect(mock.settings.language).toBe('fr');

    // Whoever chooses another one is not overruled when the page is opened again.
    await page.getByLabel('Langue').selectOption('en');
    await page.getByRole('heading', { name: 'A cinema that belongs to its audience' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'A cinema that belongs to its audience' }).waitFor();
    expect(mock.settings.language).toBe('en');
  });

  it('the token leaves the address at once', async () => {
    journey = await begin();
    const { page, mock } = journey;
    await page.getByRole('navigation', { name: 'Places' }).waitFor();
    expect(page.url()).not.toContain(mock.token);
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  });
});
