// Where the page cannot start, a sentence stands instead of nothing.
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launch, type Browser } from '../chromium';
import { startMock, type Mock } from '../mock-api';

describe('a browser that cannot start the page', () => {
  let mock: Mock;
  let browser: Browser;
  beforeEach(async () => {
    mock = await startMock();
  });
  afterEach(async () => {
    await browser.close();
    await mock.close();
  });

  /** Opens the launch link in a browser that gets none of the scripts `denied`. */
  async function visit(denied: RegExp | null, options: BrowserContextOptions = {}): Promise<Page> {
    browser = await launch(options);
    const page = await browser.page();
    if (denied) await page.route(denied, (route) => route.abort());
    await page.goto(mock.launch);
    return page;
  }

  const newer = (page: Page) => page.getByText('Kinora needs a newer browser');

  it.each([
    ['none of its scripts', /\.js$/],
    ['one of the scripts it begins with missing', /\/(en|index)-[^/]*\.js$/],
  ])('says which one can, in English and French: %s', async (_, denied) => {
    const page = await visit(denied);
    await newer(page).waitFor();
    await page.getByText('Kinora a besoin d’un navigateur plus récent').waitFor();
    // The policy of the page has nothing against it: only the scripts themselves are complained about.
    expect(browser.complaints.filter((line) => !/ERR_FAILED|Failed to fetch/.test(line))).toEqual([]);
  });

  it('says that scripts are switched off, and nothing about newer browsers', async () => {
    const page = await visit(null, { javaScriptEnabled: false });
    const words = page.locator('noscript p');
    await words.first().waitFor();
    expect(await words.allInnerTexts()).toEqual([
      expect.stringMatching(/^Kinora needs JavaScript/),
      expect.stringMatching(/^Kinora a besoin de JavaScript/),
    ]);
    expect(await newer(page).isVisible()).toBe(false);
  });

  it('and no other reads any of it', async () => {
    const page = await visit(null);
    await page.getByRole('navigation', { name: 'Places' }).waitFor();
    expect(await page.locator('.cannot-start').count()).toBe(0);
  });
});
