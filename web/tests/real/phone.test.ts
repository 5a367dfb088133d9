// The same cinema on a phone: nothing wider than the window, everything by finger.
import { devices, type Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { overflow } from '../journey';
import { comeIn, moves, type Visit } from './visit';

/** A finger brings the controls back when they have gone out of sight. */
async function showControls(page: Page): Promise<void> {
  if ((await page.locator('.overlay.gone').count()) > 0) await page.locator('video').tap();
}

describe('on a phone', () => {
  let visit: Visit;
  beforeEach(async () => {
    const { viewport, isMobile, hasTouch, deviceScaleFactor } = devices['Pixel 7'];
    visit = await comeIn({ viewport, isMobile, hasTouch, deviceScaleFactor });
  });
  afterEach(() => visit.end());

  it('a film is found, played and left by finger', async () => {
    const { page } = visit;
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    const row = page.getByRole('region', { name: 'Worth an evening' });
    await row.getByRole('link', { name: /Last Tram to Hollow Hill/ }).tap();
    await page.getByRole('heading', { level: 1, name: 'Last Tram to Hollow Hill' }).waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.getByRole('link', { name: /^(Play ·|Resume)/ }).tap();
    await moves(page, [0.1, 39]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);

    await showControls(page);
    const bar = await page.getByRole('slider', { name: 'Position' }).boundingBox();
    if (!bar) throw new Error('the time line is not to be seen');
    await page.touchscreen.tap(bar.x + bar.width * 0.3, bar.y + bar.height / 2);
    await moves(page, [11, 20]);
    await showControls(page);
    await page.getByRole('button', { name: 'Back' }).tap();
    await page.getByRole('heading', { level: 1, name: 'Last Tram to Hollow Hill' }).waitFor();
  });
});
