// What every journey through the real program needs: a browser that has come in, and eyes for the picture.
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { launch, type Browser } from '../chromium';
import { household } from './household';

/** How long a step may take: everything is near, only the machine may be busy. */
const PATIENCE_MS = 20_000;

export interface Visit {
  browser: Browser;
  page: Page;
  /** Asks the server itself, as the page does. */
  ask: <T>(path: string) => Promise<T>;
  /** The status of its answer, where that may be a failure. */
  status: (path: string) => Promise<number>;
  end: () => Promise<void>;
}

/** A cinema to visit: that of a household, or the demo's own. */
export interface Cinema {
  url: string;
  origin: string;
  token: string;
}

/** Opens the launch link in a browser of its own. */
export async function open(cinema: Cinema, options: BrowserContextOptions = {}): Promise<Visit> {
  const browser = await launch(options);
  const page = await browser.page();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(cinema.url);
  const get = (path: string) =>
    fetch(cinema.origin + path, { headers: { authorization: `Bearer ${cinema.token}` } });
  return {
    browser,
    page,
    status: async (path) => (await get(path)).status,
    ask: async <T>(path: string) => {
      const answer = await get(path);
      expect(answer.status, path).toBe(200);
      return (await answer.json()) as T;
    },
    end: async () => {
      await browser.close();
      // Broken content rules and thrown errors spoil every journey.
      expect(browser.complaints).toEqual([]);
    },
  };
}

/**
 * A household of its own, with the question of the first start answered. Nobody has watched anything there: a title
 * begun in another journey would say "Resume" instead of "Play", and which journey is first is the runner's choice.
 */
export async function comeIn(options: BrowserContextOptions = {}): Promise<Visit> {
  const home = await household();
  const program = await home.open();
  const visit = await open(program, options);
  await accept(visit);
  return {
    ...visit,
    end: async () => {
      // A complaint of the browser is thrown once nothing runs any more.
      const seen = visit.end().catch((cause: unknown) => cause as Error);
      await seen;
      await program.end();
      await home.forget();
      const complaint = await seen;
      if (complaint) throw complaint;
    },
  };
}

/** Answers the question about sharing where it is asked, and waits for the first page. */
export async function accept({ page }: Visit): Promise<void> {
  const understand = page.getByRole('button', { name: 'I understand' });
  const inside = page.getByRole('region', { name: 'Worth an evening' });
  await understand.or(inside).first().waitFor();
  if (await understand.isVisible()) await understand.click();
  await inside.waitFor();
}

/** What the viewer sees of the film at a moment. */
interface Sight {
  time: number;
  frames: number;
  /** A few of the picture's pixels; all of them black when there is none. */
  pixels: string;
}

export const sight = (page: Page): Promise<Sight> =>
  page.evaluate(() => {
    const video = document.querySelector('video');
    if (!video) return { time: -1, frames: 0, pixels: '' };
    const canvas = new OffscreenCanvas(16, 9);
    const brush = canvas.getContext('2d');
    brush?.drawImage(video, 0, 0, 16, 9);
    const data = brush?.getImageData(0, 0, 16, 9).data.filter((_, at) => at % 4 !== 3) ?? [];
    return {
      time: video.currentTime,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      pixels: [...data].some((one) => one > 24) ? [...data].join() : '',
    };
  });

/** Proves that the film moves: time goes on, frames are decoded, and the picture is another one. */
export async function moves(page: Page, within: [from: number, to: number]): Promise<void> {
  const [from, to] = within;
  // The page itself reads the time: between two questions from outside, a busy machine may let seconds pass.
  const seen = await page.waitForFunction(
    (past) => {
      const video = document.querySelector('video');
      const moving = video !== null && !video.seeking && video.currentTime > past && video.readyState >= 3;
      return moving && video.currentTime;
    },
    from,
    { timeout: 45_000 },
  );
  expect(await seen.jsonValue()).toBeLessThan(to);
  const before = await sight(page);
  await expect
    .poll(
      async () => {
        const now = await sight(page);
        return {
          onward: now.time > before.time + 0.4,
          frames: now.frames > before.frames,
          picture: now.pixels !== '' && now.pixels !== before.pixels,
        };
      },
      { timeout: 20_000 },
    )
    .toEqual({ onward: true, frames: true, picture: true });
}

/** The parts of a playback's file that are on disk, in hundredths of it. */
export async function onDisk(visit: Visit, playback: string): Promise<number[][]> {
  const state = await visit.ask<{ on_disk: number[][] }>(`/api/v1/playbacks/${playback}`);
  return state.on_disk.map((part) => part.map((edge) => Math.round(edge * 100)));
}

/** Does what starts a film, and tells which playback it became. */
export async function playbackOf(page: Page, start: () => Promise<void>): Promise<string> {
  const [answer] = await Promise.all([
    page.waitForResponse((one) => /\/api\/v1\/(play|torrents\/.*\/play)$/.test(new URL(one.url()).pathname)),
    start(),
  ]);
  return ((await answer.json()) as { id: string }).id;
}
