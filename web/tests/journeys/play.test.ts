// Watching: it starts, seeks, shows subtitles, changes quality, and goes on later where it was left.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, playsPast, type Journey } from '../journey';

describe('somebody who watches a film', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
  });
  afterEach(() => journey.end());

  const time = () => journey.page.evaluate(() => document.querySelector('video')?.currentTime ?? -1);

  async function start(label: string | RegExp = 'Play · 1080p'): Promise<void> {
    await journey.go('#/title/sintel');
    await journey.page.getByRole('link', { name: label }).click();
    await playsPast(journey.page, 0.2);
  }

  it('plays it, leaves, and goes on at the same second', async () => {
    const { page, mock } = journey;
    await start();
    await page.keyboard.press('5');
    await playsPast(page, 45.3);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Sintel' }).waitFor();
    await expect.poll(() => mock.titles[0]?.progress?.position_s ?? 0).toBeGreaterThan(45);
    await expect
      .poll(() => mock.requests.some(({ line }) => line.startsWith('DELETE /api/v1/playbacks/')))
      .toBe(true);

    await page.getByRole('link', { name: /Resume at 0:[45]\d/ }).click();
    await playsPast(page, 45);
    expect(await time()).toBeLessThan(60);
  });

  it('is found again under "Continue watching"', async () => {
    const { page, go } = journey;
    await start();
    await page.keyboard.press('3');
    await playsPast(page, 27.2);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Sintel' }).waitFor();
    await go('#/');
    const row = page.getByRole('region', { name: 'Continue watching' });
    await row.getByRole('link', { name: /Sintel/ }).click();
    await playsPast(page, 27);
  });

  it('sees the moment that is pointed at, where it is on disk already', async () => {
    const { page, mock } = journey;
    mock.swarm = { on_disk: [[0, 0.7]] };
    await start();
    const bar = page.getByRole('slider', { name: 'Position' });
    const box = await bar.boundingBox();
    if (!box) throw new Error('the time line is not to be seen');
    const point = (at: number) => page.mouse.move(box.x + box.width * at, box.y + box.height / 2);
    await point(0.5);
    const peek = bar.locator('video.drawn');
    await peek.waitFor();
    await expect
      .poll(() => peek.evaluate((video: HTMLVideoElement) => Math.abs(video.currentTime - 45)))
      .toBeLessThan(2);
    // Looking must not fetch: neither where nothing is, nor so near to the edge that the browser would read over it.
    for (const at of [0.65, 0.9]) {
      await point(at);
      await expect.poll(() => bar.locator('video').count()).toBe(0);
    }
  });

  it('sees the small picture and the chapter that came with the title where nothing is on disk', async () => {
    const { page, mock } = journey;
    mock.swarm = { on_disk: [[0, 0.3]] };
    const preview = { start_s: 60, end_s: 90, sheet: 0, x: 160, y: 0, width: 160, height: 90 };
    const pixel = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
    mock.scenes = {
      chapters: [
        { start_s: 0, name: 'Harbour' },
        { start_s: 45, name: 'The open sea' },
      ],
      sheets: [pixel],
      previews: [preview],
    };
    await start();
    const bar = page.getByRole('slider', { name: 'Position' });
    const box = await bar.boundingBox();
    if (!box) throw new Error('the time line is not to be seen');
    await page.mouse.move(box.x + box.width * 0.9, box.y + box.height / 2);
    const glimpse = bar.locator('.glimpse');
    await glimpse.waitFor();
    expect(await glimpse.evaluate((node) => getComputedStyle(node).backgroundPosition)).toBe('-160px 0px');
    await bar.getByText('The open sea').waitFor();
    expect(await bar.locator('.chapter-at').count()).toBe(1);
    await page.mouse.move(box.x + box.width * 0.1, box.y + box.height / 2);
    await glimpse.waitFor({ state: 'detached' });
    await bar.locator('video').waitFor();
    expect(mock.requests.filter(({ line }) => line.endsWith('/scenes'))).toHaveLength(1);
  });

  it('moves with the keys', async () => {
    const { page } = journey;
    await start();
    await page.keyboard.press('k');
    await expect.poll(() => page.evaluate(() => document.querySelector('video')?.paused)).toBe(true);
    expect(
      await page
        .getByRole('status')
        .filter({ hasText: /^(Paused|Playing)$/ })
        .innerText(),
    ).toBe('Paused');
    const before = await time();
    await page.keyboard.press('l');
    expect(await time()).toBeCloseTo(before + 10, 0);
    await page.keyboard.press('ArrowLeft');
    expect(await time()).toBeCloseTo(before + 5, 0);
    await page.keyboard.press(']');
    await page.getByText('Speed 1.1×').waitFor();
    await page.keyboard.press('m');
    await page.getByText('Muted').first().waitFor();
  });

  it('seeks with the mouse, and sees what plays at once', async () => {
    const { page } = journey;
    await start();
    const bar = page.getByRole('slider', { name: 'Position' });
    const box = await bar.boundingBox();
    if (!box) throw new Error('the time line is not to be seen');
    await page.mouse.move(box.x + box.width * 0.53, box.y + box.height / 2);
    await page.getByText('plays at once').waitFor();
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2);
    await page.getByText('is fetched first').waitFor();
    await page.mouse.click(box.x + box.width * 0.7, box.y + box.height / 2);
    await playsPast(page, 62);
    expect(await page.locator('.here').count()).toBe(3);
  });

  it('reads subtitles, as text, and shifts them', async () => {
    const { page } = journey;
    await start();
    await page.keyboard.press('s');
    const sheet = page.getByRole('dialog', { name: 'Subtitles' });
    await sheet.getByRole('radio', { name: 'Français' }).check();
    await page.getByText('A first line, in italics & plain.').waitFor();
    await sheet.getByRole('button', { name: 'Later' }).click();
    await sheet.getByText('0.1 s').waitFor();
    await sheet.getByRole('button', { name: 'Close' }).click();
    await page.keyboard.press('v');
    await expect.poll(() => page.getByText('A first line').count()).toBe(0);
  });

  it('finds the focus on the choice of now, passes the others with arrows, and chooses with Enter', async () => {
    const { page } = journey;
    await start();
    await page.keyboard.press('s');
    const sheet = page.getByRole('dialog', { name: 'Subtitles' });
    await sheet.waitFor();
    const at = () => page.evaluate(() => document.activeElement?.closest('label')?.innerText.trim());
    const shown = () => sheet.getByRole('radio', { checked: true }).first().locator('..').innerText();
    const before = await shown();
    expect(await at()).toBe(before);
    await page.keyboard.press('ArrowDown');
    const next = await at();
    expect(next).not.toBe(before);
    expect(await shown()).toBe(before);
    await page.keyboard.press('Enter');
    await expect.poll(shown).toBe(next);
    // What the player's other keys do is not taken from them.
    await page.keyboard.press('s');
    await sheet.waitFor({ state: 'detached' });
    await page.keyboard.press('s');
    expect(await at()).toBe(next);
  });

  it('brings a subtitle file of their own', async () => {
    const { page } = journey;
    await start();
    await page.keyboard.press('s');
    await page.locator('input[type=file]').setInputFiles({
      name: 'mine.srt',
      mimeType: 'text/plain',
      buffer: Buffer.from(
        '1\n00:00:00,000 --> 00:01:20,000\n<img src=x onerror=alert(1)>My own words\n',
        'latin1',
      ),
    });
    await page.getByText('My own words').waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'bad.srt', mimeType: 'text/plain', buffer: Buffer.from('nothing') });
    await page.getByText('bad.srt holds no subtitles we can read').waitFor();
  });

  it('changes quality at the same second', async () => {
    const { page, mock } = journey;
    await start();
    await page.keyboard.press('4');
    await playsPast(page, 36.2);
    await page.keyboard.press('q');
    await page.getByRole('menuitemradio', { name: '720p' }).click();
    await expect
      .poll(() => page.evaluate(() => document.querySelector('video')?.src ?? ''))
      .toContain('sintel-720p');
    await playsPast(page, 36);
    expect(await time()).toBeLessThan(50);
    const asked = mock.requests.filter(({ line }) => line === 'POST /api/v1/play').map(({ body }) => body);
    expect(asked[1]).toMatchObject({ release_id: 'sintel-720p' });
    // The focus is on the button of the menu, and the next panel opens from there.
    await page.keyboard.press('d');
    await page.getByRole('dialog', { name: 'What is happening' }).getByText('Found wrong').waitFor();
    expect((asked[0] as { can_play: string[] }).can_play).toContain('h264');
  });

  it('opens the panel of facts, and the sheet of keys', async () => {
    const { page } = journey;
    await start();
    await page.keyboard.press('d');
    const facts = page.getByRole('dialog', { name: 'What is happening' });
    await facts.getByText('12 connected, 4 complete, 40 known').waitFor();
    await facts.getByText('31 complete, 9 fetching').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(page.url()).toContain('#/play/');
  });

  it('finds loudness and the look of subtitles as they were left', async () => {
    const { page } = journey;
    await start();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('m');
    await page.keyboard.press('v');
    const line = page.getByText('A first line, in italics & plain.');
    await line.waitFor();
    const size = () => line.evaluate((one) => Number.parseFloat(getComputedStyle(one).fontSize));
    const usual = await size();
    await page.keyboard.press('=');
    await page.keyboard.press('=');
    await expect.poll(size).toBeCloseTo(usual * 1.2, 0);
    await page.reload();
    await playsPast(page, 0.2);
    const loudness = () =>
      page.evaluate(() => {
        const video = document.querySelector('video');
        return [video?.volume, video?.muted];
      });
    expect(await loudness()).toEqual([0.9, true]);
    await page.keyboard.press('v');
    await expect.poll(size).toBeCloseTo(usual * 1.2, 0);
  });

  it('obeys the keys of the system: headphones, keyboards, the lock screen', async () => {
    const { page } = journey;
    await page.addInitScript(() => {
      const handlers: Record<string, MediaSessionActionHandler | null> = {};
      Object.assign(globalThis, { handlers });
      navigator.mediaSession.setActionHandler = (action, handler) => (handlers[action] = handler);
    });
    await page.reload();
    await start();
    const press = (action: MediaSessionAction, details = {}) =>
      page.evaluate(
        ([name, more]) => {
          const { handlers } = globalThis as unknown as {
            handlers: Record<string, MediaSessionActionHandler>;
          };
          handlers[name]?.({ action: name, ...more });
        },
        [action, details] as const,
      );
    expect(await page.evaluate(() => navigator.mediaSession.metadata?.title)).toBe('Sintel');
    const paused = () => page.evaluate(() => document.querySelector('video')?.paused);
    await press('pause');
    await expect.poll(paused).toBe(true);
    await press('seekto', { seekTime: 30 });
    await press('seekforward');
    await expect.poll(time).toBeCloseTo(40, 0);
    await press('play');
    await expect.poll(paused).toBe(false);
  });

  it('loses sight of the controls while watching, but never with the focus on one of them', async () => {
    const { page } = journey;
    await start();
    await page.mouse.move(600, 300);
    const overlay = page.locator('.overlay');
    await expect
      .poll(() => overlay.evaluate((one) => one.classList.contains('gone')), { timeout: 8_000 })
      .toBe(true);
    await page.keyboard.press('Tab');
    await expect.poll(() => overlay.evaluate((one) => one.classList.contains('gone'))).toBe(false);
    const seen = Date.now();
    await playsPast(page, (await time()) + 4);
    expect(Date.now() - seen).toBeGreaterThan(3_000);
    expect(await overlay.evaluate((one) => one.classList.contains('gone'))).toBe(false);
  });
});

describe('somebody whose film comes slowly', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
  });
  afterEach(() => journey.end());

  it('is told why, and can take a lower quality', async () => {
    const { page, mock, go } = journey;
    mock.hold = 60_000;
    mock.swarm = { stage: 'peers', reason: 'no_peers', peers: 0, down_rate: 0 };
    await go('#/title/sintel');
    await page.getByRole('link', { name: 'Play · 1080p' }).click();
    await page.getByText('Nobody who has this film is reachable yet. We keep looking.').waitFor();
    expect(await page.locator('[aria-current=step]').innerText()).toBe('Finding peers');
    // On a telephone no button lies over the words.
    const usual = page.viewportSize();
    await page.setViewportSize({ width: 390, height: 844 });
    // Measured in one go: what comes with the seconds moves the words.
    const over = await page.getByRole('list', { name: 'Steps to the first picture' }).evaluate((steps) => {
      const words = steps.getBoundingClientRect();
      return [...document.querySelectorAll('button')].filter((one) => {
        const { top, bottom, width } = one.getBoundingClientRect();
        return one.checkVisibility() && width > 0 && top < words.bottom && bottom > words.top;
      }).length;
    });
    expect(over).toBe(0);
    if (usual) await page.setViewportSize(usual);
    const lower = page.getByRole('button', { name: 'Play in 720p instead' });
    await lower.waitFor();
    mock.hold = 0;
    mock.swarm = {};
    await lower.click();
    await playsPast(page, 0.2);
  });
});

describe('somebody who watches a series', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
  });
  afterEach(() => journey.end());

  it('sees the next episode near the end, and goes on to it', async () => {
    const { page, go } = journey;
    await go('#/title/pioneer-one');
    await page.getByRole('link', { name: 'Play S1 E1' }).click();
    await playsPast(page, 0.2);
    await page.keyboard.press('9');
    const card = page.getByRole('complementary', { name: 'Next episode' });
    await card.getByText('The Man From Mars').waitFor();
    await card.getByRole('button', { name: 'Play now' }).click();
    await page.getByText('S1 E2 · The Man From Mars').waitFor();
    await playsPast(page, 0.2);
  });

  it('finds the seasons and marks an episode as seen', async () => {
    const { page, mock, go } = journey;
    await go('#/title/caminandes');
    await page.getByRole('tab', { name: /Season 2/ }).click();
    await page.getByRole('link', { name: /Llamigos/ }).waitFor();
    await page.getByRole('button', { name: 'Mark as seen' }).last().click();
    await page.getByRole('tab', { name: 'Season 2 1/1' }).waitFor();
    expect(mock.requests.some(({ line }) => line === 'PUT /api/v1/watched/caminandes-s2e1')).toBe(true);
  });
});
