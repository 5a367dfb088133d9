// Filters from the page: listed apart from channels, with what they hide, their switches, and our own choice above them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, focused, looksRight, type Journey } from '../journey';
import { channel, NEW_KEY, SILENT_KEY } from '../mock/channels';
import { OWN_KEY } from '../mock/keys';

describe('a filter', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
    const filter = { entries: 1_000, hides: 2, warns: 1, applied: true };
    const list = channel(NEW_KEY, 'No malware', { kind: 'filter', filter, about: 'What was reported.' });
    journey.mock.channels.push(list);
  });
  afterEach(() => journey.end());

  const asked = (line: string) => journey.mock.requests.filter((request) => request.line === line);

  it('is listed apart, says what it hides, is switched off and on, and left', async () => {
    const { page, go } = journey;
    await go('#/channels');
    const filters = page.getByRole('region', { name: 'Filters' });
    await filters.getByText('1,000 entries · Hides 2 of your titles').waitFor();
    const followed = page.getByRole('region', { name: 'Channels you follow' });
    expect(await followed.getByText('No malware').count()).toBe(0);
    await filters.getByRole('link', { name: 'No malware' }).click();
    await page.getByRole('heading', { level: 1, name: 'No malware' }).waitFor();
    await page.getByText('What was reported.').waitFor();
    await page.getByRole('link', { name: 'rights@example.org' }).waitFor();
    expect(await page.getByText('This channel has no titles yet').count()).toBe(0);
    await looksRight(page, 'filter');
    const apply = page.getByRole('switch', { name: 'Apply this filter' });
    await apply.click();
    await page.getByText('Switched off; it would hide 2 of your titles', { exact: true }).waitFor();
    expect(asked(`DELETE /api/v1/channels/${NEW_KEY}/applied`)).toHaveLength(1);
    await apply.click();
    await page.getByText('Hides 2 of your titles', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Unfollow' }).click();
    await page.getByText('Everything that “No malware” hides is shown again.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Unfollow' }).click();
    await page.getByRole('heading', { level: 1, name: 'Channels' }).waitFor();
    expect(await page.getByRole('link', { name: 'No malware' }).count()).toBe(0);
  });

  it('is named on the page of a title that it hides, which can be shown all the same', async () => {
    const { page, go, mock } = journey;
    const title = mock.titles.find(({ id }) => id === 'metropolis');
    const by = { channel: NEW_KEY, name: 'No malware', note: 'What was reported.' };
    title?.filters.push({ ...by, action: 'block', reason: 'malware' });
    await go('#/title/metropolis');
    const filters = page.getByRole('region', { name: 'Filters' });
    await filters.getByText('The filter “No malware” blocks this title', { exact: false }).waitFor();
    await filters.getByText('it does harm to the machine that opens it', { exact: false }).waitFor();
    await looksRight(page, 'filter-title');
    const play = page.getByRole('link', { name: /^Play|^Resume/ });
    expect(await play.count()).toBe(0);
    await filters.getByRole('button', { name: 'Show it all the same' }).click();
    await play.first().waitFor();
    await filters.getByText('You show this title whatever filters say.').waitFor();
    expect(asked('PUT /api/v1/titles/metropolis/shown-anyway')).toHaveLength(1);
    await filters.getByRole('button', { name: 'Do as filters say' }).click();
    await filters.getByRole('button', { name: 'Show it all the same' }).waitFor();
    await filters.getByRole('link', { name: 'See this filter' }).click();
    await page.getByRole('heading', { level: 1, name: 'No malware' }).waitFor();
  });
});

describe('a filter of one’s own', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
  });
  afterEach(() => journey.end());

  const entered = () =>
    journey.mock.requests
      .filter(({ line }) => line === `POST /api/v1/own-channels/${OWN_KEY}/entries`)
      .map(({ body }) => body);

  /** One that is made already. */
  async function made(): Promise<void> {
    const { mock, go } = journey;
    Object.assign(mock.own, { kind: 'filter', name: 'No malware' });
    mock.channels.push(channel(OWN_KEY, 'No malware', { kind: 'filter', own: true, followed: false }));
    await go(`#/channel/${OWN_KEY}`);
    await journey.page.getByRole('heading', { name: 'What it asks to leave out' }).waitFor();
    await journey.page.getByText('Nothing of it is published yet', { exact: false }).waitFor();
  }

  it('is made under Channels, and its words are asked for before it goes on', async () => {
    const { page, go, mock } = journey;
    await go('#/channels');
    await page.getByRole('link', { name: 'Make a filter' }).click();
    await page.getByLabel('Name of the filter').fill('No malware');
    await page.getByLabel('What it leaves out, and why').fill('What was reported, and checked.');
    await page.getByLabel('Contact for questions of rights').fill('lists@example.org');
    await looksRight(page, 'new-filter');
    await page.getByRole('button', { name: 'Make the filter' }).click();
    await page.getByRole('button', { name: 'I have written them down' }).click();
    const fields = await page.getByLabel(/^Word number/).all();
    for (const field of fields) {
      const at = Number((await field.getAttribute('id'))?.replace('word-', ''));
      await field.fill(`word${String.fromCharCode(97 + at)}`);
    }
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('heading', { level: 1, name: 'No malware' }).waitFor();
    await page.getByText('0 entries').waitFor();
    const made = mock.requests.find(({ line }) => line === 'POST /api/v1/own-channels');
    expect(made?.body).toMatchObject({
      name: 'No malware',
      about: 'What was reported, and checked.',
      filter: true,
    });
    // Its address is there for others, and its key can be locked, before anything is published.
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('dialog').getByRole('img', { name: /QR/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Set a passphrase' }).waitFor();
  });

  it('takes a title of the library, a torrent and a channel, and tells followers', async () => {
    const { page, mock } = journey;
    await made();
    // By keyboard alone: a title is found, chosen, blocked and added.
    await page.getByLabel('Name of the title').focus();
    await page.keyboard.type('metropolis');
    await page.getByRole('button', { name: /^Metropolis/ }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toContain('Metropolis');
    await page.getByLabel('What is asked for').selectOption({ label: 'Block' });
    await page.getByText('It is hidden, not fetched and not shared.').waitFor();
    await page.getByLabel('Reason').selectOption({ label: 'it does harm to the machine that opens it' });
    await page.getByRole('button', { name: 'Add it' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Metropolis (1927) goes out with the next version.').waitFor();

    await page.getByRole('radio', { name: 'A torrent' }).check();
    await page.getByLabel('Infohash or magnet link').fill('nothing of the kind');
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.getByRole('alert').first().waitFor();
    const [v1, v2] = ['11'.repeat(20), '22'.repeat(32)];
    const magnet = `magnet:?xt=urn:btih:${v1}&xt=urn:btmh:1220${v2}&tr=udp%3A%2F%2F${'33'.repeat(20)}`;
    await page.getByLabel('Infohash or magnet link').fill(magnet);
    await page.getByLabel('A note for yourself').fill('Fake codec');
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.getByText('Fake codec goes out with the next version.').waitFor();

    await page.getByRole('radio', { name: 'A channel' }).check();
    await page.getByLabel('Address of the channel').fill(`kinora:${SILENT_KEY}?x.pe=192.0.2.7:1`);
    await page.getByLabel('What is asked for').selectOption({ label: 'Warn' });
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.getByText('Silent Evenings goes out with the next version.').waitFor();
    journey.browser.complaints.length = 0;

    const malware = { action: 'block', reason: 'malware', remove: false };
    const torrents = mock.titles.find(({ id }) => id === 'metropolis')?.releases ?? [];
    const hashes = [...new Set(torrents.map(({ infohash }) => infohash))];
    expect(entered()).toEqual([
      { list: hashes.map((hash) => `${hash} # Metropolis (1927)`).join('\n'), ...malware },
      { list: 'nothingofthekind', ...malware },
      { list: `${v1} # Fake codec\n${v2} # Fake codec`, ...malware },
      { list: `${SILENT_KEY} # Silent Evenings`, action: 'warn', reason: 'malware', remove: false },
    ]);
    await looksRight(page, 'filter-entries');
    await page.getByRole('button', { name: 'Publish now' }).click();
    await page.getByText('Version 1 is published', { exact: false }).waitFor();
    await page.getByText('comes with the next version').first().waitFor({ state: 'detached' });
    expect(mock.own.records).toBe(mock.entries.length);
  });

  it('finds an entry again, takes it off, and keeps it after all', async () => {
    const { page, mock } = journey;
    mock.entries = Array.from({ length: 30 }, (_, at) => ({
      mark: `mark:${at.toString(16).padStart(32, '0')}`,
      thing: at === 29 ? null : at.toString(16).padStart(40, '0'),
      note: at === 29 ? '' : `Film ${at + 1}`,
      action: 'hide',
      reason: at % 2 ? 'rights' : null,
      state: 'published',
    }));
    await made();
    const list = page.getByRole('list', { name: 'What it asks to leave out' });
    await page.getByText('30 entries').waitFor();
    expect(await list.getByRole('listitem').count()).toBe(20);
    await page.getByRole('button', { name: 'Show more' }).click();
    await list.getByRole('heading', { name: 'Something that was entered on another computer' }).waitFor();
    expect(await list.getByRole('listitem').count()).toBe(30);
    await page.getByLabel('Find an entry').fill('film 17');
    await page.getByText('1 entry has these words').waitFor();
    await page.getByRole('button', { name: 'Take Film 17 off' }).click();
    await page.getByText('goes with the next version').waitFor();
    await page.getByText('Something was changed that your followers do not know of yet.').waitFor();
    await looksRight(page, 'filter-own');
    await page.getByRole('button', { name: 'Keep Film 17' }).click();
    await page.getByRole('button', { name: 'Take Film 17 off' }).waitFor();
    expect(await page.getByRole('button', { name: 'Publish now' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Take Film 17 off' }).click();
    await page.getByRole('button', { name: 'Publish now' }).click();
    await page.getByText('No entry has these words').waitFor();
  });
});
