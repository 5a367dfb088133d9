// Channels from the page: looked at, followed, shared, left, blocked, and what is said when one is not well.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { barriers } from '../axe';
import { begin, focused, looksRight, pressUntil, type Journey } from '../journey';
import { FROZEN_KEY, NEW_KEY, SILENT_KEY } from '../mock/channels';

const ADDRESS = `kinora:${NEW_KEY}?x.pe=192.0.2.7:6881`;

describe('a channel', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
  });
  afterEach(() => journey.end());

  const sent = () => journey.mock.requests.filter(({ line }) => line === 'POST /api/v1/channels');

  /** The mock's channel arrives as the real one would. */
  function arrive(): void {
    const { mock } = journey;
    const coming = mock.channels.find(({ id }) => id === NEW_KEY);
    Object.assign(coming ?? {}, { name: 'Harbour Films', followed: true, state: 'fresh', progress: null });
    const [film] = mock.titles;
    if (film) film.channel = NEW_KEY;
    mock.tell({ type: 'channels' });
    mock.tell({ type: 'library' });
  }

  it('is followed with the keyboard alone, after it was said what that means', async () => {
    const { page, go, mock } = journey;
    await go('#/channels');
    await pressUntil(page, 'Tab', /^$/, 1).catch(() => undefined);
    await page.getByLabel('Address of a channel').focus();
    await page.keyboard.type(ADDRESS);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Follow this channel?' }).waitFor();
    await page.getByText('see your IP address and that you ask for it').waitFor();
    await page.getByText('192.0.2.7:6881').waitFor();
    expect(sent()).toEqual([]);
    await pressUntil(page, 'Tab', /^Follow$/);
    await page.keyboard.press('Enter');
    await page.getByText('Looking for the channel…').waitFor();
    expect(sent()).toMatchObject([{ body: { address: ADDRESS } }]);
    const coming = mock.channels.find(({ id }) => id === NEW_KEY);
    if (coming)
      coming.progress = { step: 'fetching', done_bytes: 1_000_000, wanted_bytes: 4_000_000, peers: 2 };
    mock.tell({ type: 'channels' });
    await page.getByRole('progressbar', { name: '25%' }).waitFor();
    arrive();
    await page.getByRole('heading', { level: 1, name: 'Harbour Films' }).waitFor();
    expect(await focused(page)).toBe('Harbour Films');
    await page
      .getByRole('link', { name: /Sintel/ })
      .first()
      .waitFor();
  });

  it.each(['dropped', 'pasted', 'typed into the search'])('that is %s is only looked at', async (how) => {
    const { page } = journey;
    await page.getByRole('navigation', { name: 'Places' }).waitFor();
    if (how === 'typed into the search') await page.getByLabel('Search', { exact: true }).fill(ADDRESS);
    else {
      const data = await page.evaluateHandle((text) => {
        const transfer = new DataTransfer();
        transfer.setData('text/plain', text);
        return transfer;
      }, `Look at ${ADDRESS}`);
      if (how === 'dropped') await page.dispatchEvent('body', 'drop', { dataTransfer: data });
      else {
        await page.evaluate((transfer) => {
          const event = new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true });
          document.body.dispatchEvent(event);
        }, data);
      }
    }
    await page.getByRole('heading', { level: 1, name: 'Follow this channel?' }).waitFor();
    await page.getByText(`kinora:${NEW_KEY}`).waitFor();
    expect(sent()).toEqual([]);
  });

  it('of which a film was sent is followed first, and then the film is there', async () => {
    const { page, go, mock } = journey;
    const titles = mock.titles;
    mock.titles = titles.filter(({ id }) => id !== 'sintel');
    await go(`#/follow/${encodeURIComponent(`kinora:${NEW_KEY}.sintel`)}`);
    await page.getByText('The film that you were sent opens as soon as the channel is here.').waitFor();
    expect(sent()).toEqual([]);
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    await page.getByText('Looking for the channel…').waitFor();
    // Its first titles are here, and this is none of them.
    Object.assign(mock.channels.find(({ id }) => id === NEW_KEY) ?? {}, { followed: true, progress: null });
    mock.tell({ type: 'channels' });
    await page.getByRole('status').getByText('The film that you were sent opens as soon as').waitFor();
    mock.titles = titles;
    arrive();
    await page.getByRole('heading', { level: 1, name: 'Sintel' }).waitFor();
    // The browser notes that it was not found at first.
    journey.browser.complaints.length = 0;
    await go(`#/follow/${encodeURIComponent(`kinora:${SILENT_KEY}.metropolis`)}`);
    await page.getByRole('heading', { level: 1, name: 'Metropolis' }).waitFor();
  });

  it('of which a film was sent that is not in it says so', async () => {
    const { page, go } = journey;
    await go(`#/follow/${encodeURIComponent(`kinora:${SILENT_KEY}.taken-back`)}`);
    await page.getByRole('status').getByText('The film that you were sent is not in this channel').waitFor();
    await page.getByRole('link', { name: 'Open the channel' }).click();
    await page.getByRole('heading', { level: 1, name: 'Silent Evenings' }).waitFor();
    // The browser notes that the film was not found; that is what is tried here.
    journey.browser.complaints.length = 0;
  });

  it('for which the disk that channels may take is used up says what to do, and is followed after that', async () => {
    const { page, go, mock } = journey;
    await go(`#/follow/${encodeURIComponent(ADDRESS)}`);
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    await page.getByText('Looking for the channel…').waitFor();
    const coming = mock.channels.find(({ id }) => id === NEW_KEY);
    const problem = { status: 507, code: 'channels_full', title: 'No room.', detail: null, hint: '' };
    Object.assign(coming ?? {}, { state: 'failed', progress: null, problem });
    mock.tell({ type: 'channels' });
    const said = page.getByRole('alert');
    await said.getByText('Followed channels may take no more of the disk.').waitFor();
    await said.getByText('Raise the limit for channels in the settings').waitFor();
    await looksRight(page, 'follow-full');
    await page.getByRole('button', { name: 'Try again' }).press('Enter');
    await said.waitFor({ state: 'detached' });
    await expect.poll(() => sent().length).toBe(2);
    arrive();
    await page.getByRole('heading', { level: 1, name: 'Harbour Films' }).waitFor();
  });

  it('whose address is wrong is refused in words', async () => {
    const { page, go } = journey;
    await go('#/channels');
    await page.getByLabel('Address of a channel').fill('https://example.org/');
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('alert').getByText('This is no channel’s address.').waitFor();
    journey.browser.complaints.length = 0;
  });

  it('that cannot be found says why, and can be tried again', async () => {
    const { page, go, mock } = journey;
    await go(`#/follow/${encodeURIComponent(ADDRESS)}`);
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    await page.getByText('Looking for the channel…').waitFor();
    const coming = mock.channels.find(({ id }) => id === NEW_KEY);
    Object.assign(coming ?? {}, {
      state: 'failed',
      progress: null,
      problem: { status: 404, code: 'channel_unknown', title: 'Nobody knows it.', detail: null, hint: '' },
    });
    mock.tell({ type: 'channels' });
    await page.getByRole('alert').getByText('Nobody who is online knows this channel.').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    arrive();
    await page.getByRole('heading', { level: 1, name: 'Harbour Films' }).waitFor();
  });

  it('stands on the page of its titles, and shows its own', async () => {
    const { page, go } = journey;
    await go('#/title/metropolis');
    await page.getByText('Published by').waitFor();
    await page.getByRole('link', { name: 'Silent Evenings' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Silent Evenings' }).waitFor();
    await page.getByText('Published by Cinémathèque of the Old Harbour').waitFor();
    await page.getByRole('link', { name: 'rights@example.org', exact: true }).waitFor();
    await page.getByRole('link', { name: 'See all' }).first().click();
    await page.getByText(/^7 titles/).waitFor();
    await page.getByRole('link', { name: 'From one channel only' }).click();
    await page.getByRole('heading', { level: 1, name: 'Silent Evenings' }).waitFor();
  });

  it('that its publisher moved says so, and where it was before', async () => {
    const { page, go, mock } = journey;
    const [moved] = mock.channels;
    Object.assign(moved ?? {}, {
      petname: 'Evenings at the harbour',
      moved_from: `kinora:${NEW_KEY}`,
      moved_at: new Date(Date.now() - 86_400_000).toISOString(),
    });
    await go('#/channels');
    await page.getByText('Moved', { exact: false }).first().waitFor();
    await page.getByRole('link', { name: 'Evenings at the harbour' }).first().click();
    await page.getByText('This channel has a new address.').waitFor();
    await page.getByText(`kinora:${NEW_KEY}`).waitFor();
    Object.assign(moved ?? {}, { refused_successor: `kinora:${NEW_KEY}` });
    mock.tell({ type: 'channels' });
    await page.getByRole('alert').getByText('That was refused').waitFor();
  });

  it('with nearly the name of another one says which one it is not', async () => {
    const { page, go, mock } = journey;
    const [known, other] = mock.channels;
    Object.assign(other ?? {}, {
      name: 'Silent Even1ngs',
      resembles: { id: SILENT_KEY, name: known?.name },
    });
    await go(`#/channel/${FROZEN_KEY}`);
    const warning = page.getByRole('status').filter({ hasText: 'called nearly the same' });
    await warning.getByRole('link', { name: 'Silent Evenings' }).click();
    await page.getByRole('heading', { level: 1, name: 'Silent Evenings' }).waitFor();
    expect(await page.getByText('called nearly the same').count()).toBe(0);
  });

  it('that moved to an address that is blocked here does not promise to follow it', async () => {
    const { page, go, mock } = journey;
    const [moved] = mock.channels;
    mock.blockedChannels.push({ id: NEW_KEY, name: 'Old Trains' });
    const gone = { state: 'handed_over', successor: `kinora:${NEW_KEY}` };
    Object.assign(moved ?? {}, { ...gone, successor_blocked: true });
    await go(`#/channel/${SILENT_KEY}`);
    await page.getByText('moved the channel to an address that is blocked here').waitFor();
    await page.getByText('You do not follow it there').waitFor();
    expect(await page.getByText('You follow it there by itself').count()).toBe(0);
    await pressUntil(page, 'Tab', /^See the blocked channels$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Blocked channels' }).waitFor();
    await page.getByRole('button', { name: 'Unblock' }).click();
    Object.assign(moved ?? {}, { successor_blocked: false });
    await go(`#/channel/${SILENT_KEY}`);
    await page.getByText('You follow it there by itself').waitFor();
  });

  it('that others vouch for is found, looked at by keyboard, and gone once it is blocked', async () => {
    const { page, go, mock } = journey;
    await go('#/channels');
    await page.getByRole('heading', { level: 2, name: 'Find channels' }).waitFor();
    await page.getByText('Railways, filmed from the footplate.').waitFor();
    await page.getByText(/Named by\s+Silent Evenings, Night Train Animation · German, English/).waitFor();
    await pressUntil(page, 'Tab', /^Look at Old Trains$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Follow this channel?' }).waitFor();
    expect(sent()).toEqual([]);
    await go('#/channels');
    await page.getByRole('heading', { level: 2, name: 'Find channels' }).waitFor();
    mock.blockedChannels.push({ id: NEW_KEY, name: 'Old Trains' });
    mock.tell({ type: 'channels' });
    await page.getByRole('heading', { level: 2, name: 'Find channels' }).waitFor({ state: 'detached' });
  });

  it('is vouched for by the domain that it claims, or it is said why not', async () => {
    const { page, go } = journey;
    await go('#/channels');
    await page.getByRole('link', { name: 'Silent Evenings' }).first().click();
    await page.getByText('It says that it belongs to example.org.').waitFor();
    await pressUntil(page, 'Tab', /^Ask example\.org$/);
    await page.keyboard.press('Enter');
    await page.getByText(/^Vouched for by example\.org, asked/).waitFor();
    await go('#/channels');
    await page.getByRole('link', { name: 'Night Train Animation' }).first().click();
    await page.getByRole('button', { name: 'Ask night-train.example' }).click();
    await page.getByRole('status').getByText('The domain does not vouch for this channel.').waitFor();
    // The browser notes the refusal; that is what is tried here.
    journey.browser.complaints.length = 0;
  });

  it('is shared by its address and a code that a phone can read', async () => {
    const { page, go, browser } = journey;
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await go(`#/channel/${SILENT_KEY}`);
    await page.getByRole('button', { name: 'Share' }).click();
    const dialog = page.getByRole('dialog', { name: 'Share this channel' });
    await dialog.getByRole('img', { name: 'The address as a QR code' }).waitFor();
    await dialog.getByRole('button', { name: 'Copy the address' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`kinora:${SILENT_KEY}`);
    await dialog.getByRole('switch', { name: /^Name this computer as well/ }).check();
    await dialog.getByText('x.pe=203.0.113.7:6881').waitFor();
    await dialog.getByRole('button', { name: 'Copy the address' }).click();
    const named = `kinora:${SILENT_KEY}?x.pe=203.0.113.7:6881`;
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(named);
  });

  it('has addresses for each of its films, which are shared in the same way', async () => {
    const { page, go, browser } = journey;
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await go('#/title/metropolis');
    await page.getByRole('button', { name: 'Share this film' }).click();
    const dialog = page.getByRole('dialog', { name: 'Share this film' });
    await dialog.getByRole('img', { name: 'The address as a QR code' }).waitFor();
    await looksRight(page, 'film-share');
    await dialog.getByRole('button', { name: 'Copy the address' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`kinora:${SILENT_KEY}.metropolis`);
  });

  it('is left only after a question', async () => {
    const { page, go, mock } = journey;
    await go(`#/channel/${SILENT_KEY}`);
    await page.getByRole('button', { name: 'Unfollow' }).click();
    await page.keyboard.press('Escape');
    expect(mock.channels.some(({ id }) => id === SILENT_KEY)).toBe(true);
    await page.getByRole('button', { name: 'Unfollow' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Unfollow' }).click();
    await page.getByText('“Silent Evenings” is not followed any more.').waitFor();
    expect(mock.channels.some(({ id }) => id === SILENT_KEY)).toBe(false);
  });

  it('that is blocked cannot be followed until it is unblocked', async () => {
    const { page, go, mock } = journey;
    await go(`#/channel/${SILENT_KEY}`);
    await page.getByRole('button', { name: 'Block' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Block' }).click();
    await page.getByRole('heading', { name: 'Blocked channels' }).waitFor();
    await go(`#/follow/kinora:${SILENT_KEY}`);
    await page.getByText('This channel is blocked here.').waitFor();
    expect(await page.getByRole('button', { name: 'Follow', exact: true }).count()).toBe(0);
    await go('#/channels');
    await page.getByRole('button', { name: 'Unblock' }).click();
    await expect.poll(() => mock.blockedChannels).toEqual([]);
  });

  it('whose key signed two versions goes on when the viewer says so, who is warned, with the keyboard alone', async () => {
    const { page, go, mock } = journey;
    await go('#/channels');
    await page.getByRole('link', { name: 'Two Voices' }).first().click();
    await page.getByText('do not unfollow the channel').waitFor();
    const sent = () => mock.requests.map(({ line }) => line).filter((line) => line.endsWith('/forgiven'));
    await pressUntil(page, 'Tab', /^Take updates again$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('may be the thief’s').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(sent()).toEqual([]);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await pressUntil(page, 'Tab', /^Take updates again$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('may be the thief’s').waitFor();
    await pressUntil(page, 'Tab', /^Take updates again$/);
    await page.keyboard.press('Enter');
    await page.getByText('Updates of “Two Voices” are taken again.').waitFor();
    expect(sent()).toHaveLength(1);
  });

  it.each([
    ['Two Voices', 'alert', 'signed two different versions'],
    ['Night Train Animation', 'status', 'Nothing was heard of its publisher'],
  ] as const)('that is not well says so: %s', async (name, role, words) => {
    const { page, go } = journey;
    await go('#/channels');
    await page.getByRole('link', { name }).first().click();
    await page.getByRole(role).getByText(words).waitFor();
  });
});
