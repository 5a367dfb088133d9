// A whole evening, from the first start to the next day: every step with the real server and a real swarm.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { household, type Household } from './household';
import type { Program } from './program';
import { moves, onDisk, open, playbackOf, sight, type Visit } from './visit';

/** A line of each of the film's subtitles. */
const LINES = [
  [
    'English',
    /We said we would wait|Do you hear that|Nobody has been here|Keep the map dry|I thought you had/,
  ],
  ['Français', /Nous avions dit|Tu entends|Personne n’est venu|Garde la carte|Je te croyais/],
  ['Español', /Dijimos que esperaríamos|Oyes eso|Hace años que nadie|Que no se moje|Creía que te/],
] as const;

describe('a household that has never been here before', () => {
  let home: Household;
  let program: Program;
  let visit: Visit;
  let playback: string;
  let left: number;

  // All of it is one test: an attempt begins in a house of its own, or it could never pass after another.
  beforeEach(async () => {
    home = await household();
    program = await home.open();
    visit = await open(program);
  });
  afterEach(async () => {
    await visit.end();
    await program.end();
    await home.forget();
  });

  /** It is asked about sharing first, and fetches nothing before it has answered. */
  async function isAsked(): Promise<void> {
    const { page } = visit;
    await page.getByRole('heading', { name: 'Your address is visible' }).waitFor();
    expect(await visit.ask('/api/v1/settings')).toMatchObject({ consent: { given: false } });
    expect(await visit.ask('/api/v1/network')).toMatchObject({ peers: 0, torrents: 0 });
    await page.getByRole('button', { name: 'I understand' }).click();
    await page.getByRole('navigation', { name: 'Places' }).waitFor();
    expect(await visit.ask('/api/v1/settings')).toMatchObject({ consent: { given: true } });
  }

  /** It finds a grid of posters that have really come. */
  async function findsPosters(): Promise<void> {
    const { page } = visit;
    await page.getByRole('link', { name: 'Films', exact: true }).click();
    await page.getByText('4 titles', { exact: true }).waitFor();
    await expect
      .poll(() =>
        page
          .locator('main [data-item] img')
          .evaluateAll((all) =>
            all.map((one) => one instanceof HTMLImageElement && one.complete && one.naturalWidth > 100),
          ),
      )
      .toEqual([true, true, true, true]);
  }

  /** It opens a title and plays it: the picture moves. */
  async function plays(): Promise<void> {
    const { page } = visit;
    await page
      .locator('main')
      .getByRole('link', { name: /The Salt Road/ })
      .click();
    await page.getByRole('heading', { level: 1, name: 'The Salt Road' }).waitFor();
    playback = await playbackOf(page, () => page.getByRole('link', { name: 'Play · 288p' }).click());
    await moves(page, [0.1, 30]);
  }

  /** It seeks into a part that nobody has fetched, and it plays there. */
  async function seeks(): Promise<void> {
    const { page } = visit;
    const bar = await page.getByRole('slider', { name: 'Position' }).boundingBox();
    if (!bar) throw new Error('the time line is not to be seen');
    const before = await onDisk(visit, playback);
    expect(before.filter(([from = 0, to = 0]) => from <= 70 && 70 < to)).toEqual([]);
    await page.mouse.click(bar.x + bar.width * 0.7, bar.y + bar.height / 2);
    await moves(page, [28, 34]);
    const after = await onDisk(visit, playback);
    expect(after.some(([from = 0, to = 0]) => from <= 71 && 71 < to)).toBe(true);
  }

  /** It reads subtitles from the torrent. */
  async function reads(language: string, line: RegExp): Promise<void> {
    const { page } = visit;
    await page.keyboard.press('4');
    await page.keyboard.press('s');
    const sheet = page.getByRole('dialog', { name: 'Subtitles' });
    await sheet.getByRole('radio', { name: language }).check();
    await page.getByText(line).first().waitFor();
    await sheet.getByRole('button', { name: 'Close' }).click();
  }

  /** It leaves in the middle, and finds it again under "Continue watching", at the same second. */
  async function leaves(): Promise<void> {
    const { page } = visit;
    await page.keyboard.press('5');
    await moves(page, [19.9, 25]);
    await page.keyboard.press('k');
    left = (await sight(page)).time;
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: `Resume at 0:${Math.floor(left)}` }).waitFor();
    await page.getByRole('link', { name: 'Home' }).click();
    await goOn(visit, left);
  }

  /** It goes on at that second the next day, when the program has been closed and opened again. */
  async function comesAgain(): Promise<void> {
    left = (await sight(visit.page)).time;
    await visit.page.keyboard.press('Escape');
    await visit.page.getByRole('heading', { level: 1, name: 'The Salt Road' }).waitFor();
    await visit.end();
    await program.end();
    program = await home.open();
    visit = await open(program);
    await goOn(visit, left);
  }

  /** Takes the title out of the row, and looks whether it plays from where it was left. */
  async function goOn({ page }: Visit, from: number): Promise<void> {
    const row = page.getByRole('region', { name: 'Continue watching' });
    await row.getByRole('link', { name: /The Salt Road/ }).click();
    await moves(page, [from - 1.1, from + 6]);
  }

  it('watches, leaves in the middle, and goes on the next day where it left', async () => {
    await isAsked();
    await findsPosters();
    await plays();
    await seeks();
    for (const [language, line] of LINES) await reads(language, line);
    await leaves();
    await comesAgain();
  }, 300_000);
});
