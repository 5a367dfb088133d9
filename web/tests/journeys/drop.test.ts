// Torrents from outside: dropped, pasted, typed, or chosen.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, playsPast, type Journey } from '../journey';

const MAGNET = 'magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&dn=A+film';

describe('a torrent from outside', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
    await journey.page.getByRole('navigation', { name: 'Places' }).waitFor();
  });
  afterEach(() => journey.end());

  /** Drops a text or a file on the middle of the page. */
  async function drop(what: { text: string } | { file: string; name: string }): Promise<void> {
    const data = await journey.page.evaluateHandle((given) => {
      const transfer = new DataTransfer();
      if ('text' in given) transfer.setData('text/plain', given.text);
      else transfer.items.add(new File([given.file], given.name));
      return transfer;
    }, what);
    await journey.page.dispatchEvent('main', 'dragover', { dataTransfer: data });
    await journey.page.dispatchEvent('main', 'drop', { dataTransfer: data });
  }

  it('is opened when a magnet link is dropped, and asks which film', async () => {
    const { page } = journey;
    await drop({ text: MAGNET });
    const dialog = page.getByRole('dialog', { name: 'Which file?' });
    // The folder is said once, above.
    await dialog.getByText('extras.mp4', { exact: true }).waitFor();
    expect(await dialog.getByRole('button', { name: /notes\.txt/ }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: /extras\.mp4/ }).click();
    await playsPast(page, 0.2);
  });

  it('is waited for while nobody has told yet what it holds', async () => {
    const { page } = journey;
    await page.route('**/api/v1/torrents', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), files: [] } });
    });
    await drop({ text: MAGNET });
    await page.getByRole('dialog').getByText('extras.mp4', { exact: true }).waitFor();
  });

  it('is opened when a .torrent file is dropped', async () => {
    const { page, mock } = journey;
    await drop({ file: 'd4:infod4:name1:aee', name: 'a.torrent' });
    await page.getByRole('dialog', { name: 'Which file?' }).waitFor();
    expect(mock.requests.find(({ line }) => line === 'POST /api/v1/torrents')?.body).toBeInstanceOf(Buffer);
  });

  it('is opened when a link is pasted anywhere, or into the search', async () => {
    const { page } = journey;
    await page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    }, MAGNET);
    await page.getByRole('dialog', { name: 'Which file?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByLabel('Search', { exact: true }).fill(MAGNET);
    await page.getByRole('dialog', { name: 'Which file?' }).waitFor();
  });

  it('that is none is refused in words, and nothing is sent', async () => {
    const { page, mock } = journey;
    await drop({ file: 'x', name: 'holiday.mp4' });
    await page.getByRole('alert').getByText('This is no .torrent file.').waitFor();
    await page.getByLabel('Magnet link').fill('https://example.org/');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByText('This is no magnet link.').waitFor();
    expect(mock.requests.some(({ line }) => line === 'POST /api/v1/torrents')).toBe(false);
  });

  it('that the server refuses says why', async () => {
    const { page, mock } = journey;
    mock.failing.set('POST /api/v1/torrents', {
      status: 422,
      body: { code: 'torrent_bad', title: 'damaged' },
    });
    await drop({ file: 'nonsense', name: 'a.torrent' });
    await page.getByRole('alert').getByText('This torrent file is damaged, or breaks the rules.').waitFor();
    journey.browser.complaints.length = 0;
  });

  it('waits under Downloads, where it can be paused, kept and removed', async () => {
    const { page, mock, go } = journey;
    await drop({ text: MAGNET });
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await go('#/downloads');
    await page.getByRole('heading', { name: 'A film' }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText(/^Paused.* · 17 complete copies around · /).waitFor();
    await page.getByRole('button', { name: /^Keep/ }).click();
    await expect.poll(() => mock.downloads[0]?.pinned).toBe(true);
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Delete the files' }).click();
    await page.getByText('Nothing is being downloaded').waitFor();
    expect(mock.downloads).toEqual([]);
  });
});
