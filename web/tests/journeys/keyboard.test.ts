// From the first page to the film and back, without a mouse.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, focused, playsPast, pressUntil, type Journey } from '../journey';

describe('somebody without a mouse', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
    await journey.page.getByRole('heading', { name: 'Worth an evening' }).waitFor();
  });
  afterEach(() => journey.end());

  it('opens a film with the arrows, plays it, and comes back', async () => {
    const { page } = journey;
    await pressUntil(page, 'Tab', /^Play$/);
    await pressUntil(page, 'ArrowDown', /^Sintel/);
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toMatch(/^Big Buck Bunny/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    expect(await focused(page)).toMatch(/^Big Buck Bunny/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Big Buck Bunny' }).waitFor();
    await page.getByRole('link', { name: 'Play · 1080p' }).waitFor();
    await pressUntil(page, 'Tab', /^Play · 1080p/);
    await page.keyboard.press('Enter');
    await playsPast(page, 0.3);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Big Buck Bunny' }).waitFor();
  });

  it('gets everywhere with nothing but arrows and Enter, from the first key on', async () => {
    const { page, mock, go } = journey;
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toMatch(/^(Play|Resume)$/);
    // From the rail into the middle of the page, whatever stands above it.
    await page.keyboard.press('ArrowLeft');
    await pressUntil(page, 'ArrowUp', /^Home$/);
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);

    // Controls that use arrows elsewhere hold nobody here, and change nothing on the way.
    await go('#/settings');
    const before = structuredClone(mock.settings);
    const at = () => page.evaluate(() => document.activeElement?.id ?? '');
    await page.keyboard.press('ArrowDown');
    await expect.poll(at).toBe('language');
    for (let count = 0; count < 60 && (await at()) !== 'quota'; count += 1)
      await page.keyboard.press('ArrowDown');
    expect(await at()).toBe('quota');
    expect(mock.settings).toEqual(before);

    // The key in the middle of a remote control switches a switch.
    const role = () => page.evaluate(() => document.activeElement?.role);
    for (let count = 0; count < 20 && (await role()) !== 'switch'; count += 1)
      await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect.poll(() => mock.settings.sharing.seed_after_watching).toBe(false);
  });

  it('takes the same steps back: one from the film, one from its page, and stands where it left', async () => {
    const { page, go } = journey;
    await go('#/all');
    await pressUntil(page, 'Tab', /^Sintel/);
    await pressUntil(page, 'ArrowRight', /^Big Buck Bunny/);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Play · 1080p' }).waitFor();
    // The heading has the focus, and Enter does what one came for.
    await expect.poll(() => focused(page)).toBe('Big Buck Bunny');
    await page.keyboard.press('Enter');
    await playsPast(page, 0.2);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Big Buck Bunny' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'All titles' }).waitFor();
    await expect.poll(() => focused(page)).toMatch(/^Big Buck Bunny/);
  });

  it('leaves a title whose link was opened from outside for the first page', async () => {
    const { page, go } = journey;
    await go('#/title/sintel');
    await page.evaluate(() => history.replaceState({ behind: null }, ''));
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Sintel' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Worth an evening' }).waitFor();
  });

  it('stays at the end of a row, and finds the places before its beginning', async () => {
    const { page } = journey;
    const row = page.getByRole('region', { name: 'Worth an evening' });
    const at = () =>
      row
        .getByRole('listitem')
        .evaluateAll((all) => all.findIndex((one) => one.contains(document.activeElement)));
    const count = await row.getByRole('listitem').count();
    await row.getByRole('link').nth(1).focus();
    for (let step = 0; step < count + 3; step += 1) await page.keyboard.press('ArrowRight');
    expect(await at()).toBe(count - 1);
    await page.keyboard.press('ArrowDown');
    expect(await at()).toBe(-1);
    expect(await page.evaluate(() => document.activeElement?.closest('main section') !== null)).toBe(true);
    await page.keyboard.press('ArrowUp');
    for (let step = 0; step < count; step += 1) {
      if ((await at()) === 0) break;
      await page.keyboard.press('ArrowLeft');
    }
    expect(await at()).toBe(0);
    await page.keyboard.press('ArrowLeft');
    expect(await page.evaluate(() => document.activeElement?.closest('nav')?.ariaLabel)).toBe('Places');
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
  });

  it('stays at the end of a row on a telephone as well, where the places are below', async () => {
    const { page } = journey;
    await page.setViewportSize({ width: 390, height: 844 });
    const row = page.getByRole('region', { name: 'Worth an evening' });
    for (const [which, key] of [
      ['first', 'ArrowLeft'],
      ['last', 'ArrowRight'],
    ] as const) {
      const end = row.getByRole('listitem')[which]().getByRole('link');
      await end.focus();
      await page.keyboard.press(key);
      expect(await end.evaluate((link) => link === document.activeElement), key).toBe(true);
    }
  });

  it('walks through a grid line by line', async () => {
    const { page, go } = journey;
    await go('#/all');
    await page.getByText('24 titles', { exact: true }).waitFor();
    await pressUntil(page, 'Tab', /^Sintel/);
    const first = await page.evaluate(() => document.activeElement?.getBoundingClientRect().left);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).not.toMatch(/^Sintel/);
    expect(await page.evaluate(() => document.activeElement?.getBoundingClientRect().left)).toBe(first);
    await page.keyboard.press('ArrowUp');
    expect(await focused(page)).toMatch(/^Sintel/);
    // One stop for Tab, wherever in the grid it was left.
    expect(await page.locator('main [data-item][tabindex="0"]').count()).toBe(1);
  });

  it('opens a card’s menu with M, and favours it with B', async () => {
    const { page, mock, go } = journey;
    await go('#/all');
    await pressUntil(page, 'Tab', /^Sintel/);
    await page.keyboard.press('m');
    await page.getByRole('menu').waitFor();
    await pressUntil(page, 'ArrowDown', /^Mark as seen/);
    await page.keyboard.press('Enter');
    await expect.poll(() => mock.titles[0]?.watched).toBe(true);
    await pressUntil(page, 'Shift+Tab', /^Sintel/, 6);
    await page.keyboard.press('b');
    await expect.poll(() => mock.titles[0]?.favourite).toBe(true);
  });

  it('reaches the controls of the player with arrows, and their keys stay theirs', async () => {
    const { page, go } = journey;
    await go('#/title/sintel');
    await pressUntil(page, 'Tab', /^Play · 1080p/);
    await page.keyboard.press('Enter');
    await playsPast(page, 0.2);
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('Pause');
    await page.keyboard.press('Space');
    await expect.poll(() => page.evaluate(() => document.querySelector('video')?.paused)).toBe(true);
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe('Rewind 10 seconds');
    await page.keyboard.press('ArrowUp');
    expect(await focused(page)).toBe('Position');
    const before = await page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => document.querySelector('video')?.currentTime ?? 0)).toBeCloseTo(
      before + 5,
      0,
    );
  });

  it('opens a film with a gamepad that is switched on after the page came', async () => {
    const { page } = journey;
    await journey.go('#/all');
    await page.getByText('24 titles', { exact: true }).waitFor();
    await pressUntil(page, 'Tab', /^Sintel/);
    await page.evaluate(() => {
      const buttons = Array.from({ length: 16 }, (_, at) => ({ pressed: at === 0 }));
      navigator.getGamepads = () => [{ buttons, axes: [] } as unknown as Gamepad];
      dispatchEvent(new Event('gamepadconnected'));
    });
    await page.getByRole('heading', { level: 1, name: 'Sintel' }).waitFor();
    await page.evaluate(() => (navigator.getGamepads = () => []));
  });

  it('sees where the focus is', async () => {
    const { page } = journey;
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    const ring = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement ?? document.body);
      return [style.outlineStyle, style.outlineWidth];
    });
    expect(ring).toEqual(['solid', '3px']);
  });

  it('finds the sheet of keys, and the way past the rail', async () => {
    const { page } = journey;
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Jump to a tenth').waitFor();
    await page.keyboard.press('Escape');
    await pressUntil(page, 'Shift+Tab', /^Skip to the content/);
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });
});
