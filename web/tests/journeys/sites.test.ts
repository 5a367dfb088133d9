// Sites from the page: looked for, opened in a tab of their own, forgotten, and what is said when nobody has one.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, focused, pressUntil, type Journey } from '../journey';
import { FOUND_SITE } from '../mock/sites';

describe('a site', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
    await journey.go('#/sites');
  });
  afterEach(() => journey.end());

  const field = () => journey.page.getByLabel('Address of a site');

  it('is looked for with the keyboard alone, and its way in has the focus', async () => {
    const { page, mock } = journey;
    await field().focus();
    await page.keyboard.type(`kinora:${FOUND_SITE}`);
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('Open in a new tab');
    const link = page.locator(':focus');
    expect(await link.getAttribute('href')).toBe(`http://${FOUND_SITE}.site.localhost:1/`);
    expect(await link.getAttribute('target')).toBe('_blank');
    expect(await link.getAttribute('rel')).toContain('noopener');
    expect(mock.requests.find(({ line }) => line === 'POST /api/v1/sites')).toMatchObject({
      body: { address: `kinora:${FOUND_SITE}` },
    });
  });

  it('that was here is opened, and one of others can be forgotten', async () => {
    const { page, mock } = journey;
    const own = page.getByRole('listitem').filter({ hasText: 'Our festival' });
    await own.getByRole('button', { name: 'Open', exact: true }).click();
    await own.getByRole('link', { name: 'Open in a new tab' }).waitFor();
    const visited = page.getByRole('listitem').filter({ hasText: 'Silent Evenings, the notes' });
    await visited.getByText('Silent', { exact: true }).waitFor();
    await visited.getByRole('button', { name: 'Forget' }).click();
    await visited.waitFor({ state: 'detached' });
    expect(mock.sites.map(({ name }) => name)).toEqual(['Our festival']);
    expect(await page.getByRole('button', { name: 'Forget' }).count()).toBe(0);
  });

  it('that takes long can be given up, and nothing is said to be wrong', async () => {
    const { page, mock } = journey;
    mock.search = new Promise(() => undefined);
    await field().fill(`kinora:${FOUND_SITE}`);
    await page.keyboard.press('Enter');
    await page.getByText('Looking for the site.').waitFor();
    await pressUntil(page, 'Tab', /^Stop looking$/);
    await page.keyboard.press('Enter');
    await page.getByText('Looking for the site.').waitFor({ state: 'detached' });
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Look for it' }).isEnabled()).toBe(true);
  });

  it('that nobody has is told so, with what to do', async () => {
    const { page } = journey;
    await field().fill(`kinora:${FOUND_SITE.replace('qq', 'zz')}`);
    await page.keyboard.press('Enter');
    await page.getByText('Nobody who is online has this site.').waitFor();
    await page.getByText('try again when its publisher or a visitor is online').waitFor();
    // The browser itself notes that the answer was a failure.
    journey.browser.complaints.length = 0;
  });
});
