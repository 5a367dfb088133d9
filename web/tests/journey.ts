// What every journey needs: a mock server, a browser, and a page that has come in through the launch link.
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { barriers } from './axe';
import { launch, type Browser } from './chromium';
import { startMock, type Mock, type Options } from './mock-api';

export interface Journey {
  mock: Mock;
  browser: Browser;
  page: Page;
  /** Goes to a place of the page: `#/title/sintel`. */
  go: (hash: string) => Promise<void>;
  end: () => Promise<void>;
}

export async function begin(options: Options = {}, context: BrowserContextOptions = {}): Promise<Journey> {
  const mock = await startMock(options);
  const browser = await launch(context);
  const page = await browser.page();
  await page.goto(mock.launch);
  // Before the key has been taken from the address, nobody may change it.
  await page.waitForFunction(() => !location.hash.includes('token='));
  return {
    mock,
    browser,
    page,
    go: async (hash) => {
      await page.evaluate(
        (to) =>
          new Promise<void>((resolve) => {
            if (location.hash === to) resolve();
            addEventListener('hashchange', () => resolve(), { once: true });
            location.hash = to;
          }),
        hash,
      );
      await page.waitForSelector('main[aria-busy=false] h1', { state: 'attached' });
    },
    end: async () => {
      await browser.close();
      await mock.close();
      // Broken content rules and thrown errors spoil every journey.
      expect(browser.complaints).toEqual([]);
    },
  };
}

/** The element that has the focus, as its name or its text. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement === document.body ? null : document.activeElement;
    return element?.getAttribute('aria-label') ?? (element as HTMLElement | null)?.innerText.trim() ?? '';
  });

/** Presses a key until the focus is on something that fits; fails when it never is. */
export async function pressUntil(page: Page, key: string, fits: RegExp, atMost = 40): Promise<void> {
  for (let count = 0; count < atMost; count += 1) {
    if (fits.test(await focused(page))) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key}, ${atMost} times, never reached ${fits}; it ended at "${await focused(page)}"`);
}

/** How many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** The narrowest telephone, a usual one, a desk and a television. */
const SCREENS = [
  [320, 690],
  [390, 844],
  [1440, 900],
  [1920, 1080],
] as const;

/** Nothing hinders anybody or is cut off, from a telephone to a television; KINORA_SCREENS names a folder for pictures. */
export async function looksRight(page: Page, name: string): Promise<void> {
  expect(await barriers(page), name).toEqual([]);
  const before = page.viewportSize();
  const folder = process.env['KINORA_SCREENS'];
  for (const [width, height] of SCREENS) {
    await page.setViewportSize({ width, height });
    expect(await overflow(page), `${name} ${width}`).toBe(0);
    if (folder) await page.screenshot({ path: `${folder}/${name}-${width}.png`, fullPage: true });
  }
  if (before) await page.setViewportSize(before);
}

/** Whether the video has played past a second, with a picture. */
export async function playsPast(page: Page, second: number): Promise<void> {
  await page.waitForFunction((past) => {
    const video = document.querySelector('video');
    return video !== null && video.currentTime > past && video.videoWidth > 0 && !video.paused;
  }, second);
}
