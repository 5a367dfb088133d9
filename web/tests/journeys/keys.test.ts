// The keys of one's own channel from the page: brought back from paper, replaced, handed over, locked, vouched for.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, focused, looksRight, pressUntil, type Journey } from '../journey';
import { channel, NEW_KEY, SILENT_KEY } from '../mock/channels';
import { bringBack, NEXT_KEY, OWN_KEY, PAPER, PASSPHRASE } from '../mock/keys';

describe('a channel of one’s own', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
  });
  afterEach(() => journey.end());

  const sent = (line: string) => journey.mock.requests.filter((request) => request.line === line);

  /** The browser notes what the server refuses; that is what is tried here. */
  const refusalsWereMeant = () => (journey.browser.complaints.length = 0);

  /** A published channel of our own is there. */
  async function own(more: object = {}): Promise<void> {
    const { mock, go, page } = journey;
    mock.channels.push(channel(OWN_KEY, 'Harbour Films', { own: true, followed: false }));
    Object.assign(mock.own, { version: 3, ...more });
    await go(`#/channel/${OWN_KEY}`);
    await page.getByRole('heading', { level: 2, name: 'Its keys' }).waitFor();
  }

  /** All words are typed, and the channel is looked for. */
  async function bringBackBegins(): Promise<void> {
    const { page, go } = journey;
    await go('#/publish/restore');
    await page.getByLabel('Word number 1', { exact: true }).pressSequentially(`${PAPER.join(' ')} `);
    await page.getByText('These words belong together.').waitFor();
    await page.getByRole('button', { name: 'Bring it back' }).click();
    await page.getByText('Looking for the channel…').waitFor();
  }

  it('is brought back from its words, typed with the keyboard alone', async () => {
    const { page, go, mock } = journey;
    await go('#/channels');
    await pressUntil(page, 'Tab', /^Bring a channel back$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Bring a channel back' }).waitFor();
    await page.getByText('0 of 24 words are right').waitFor();
    await page.getByLabel('Word number 1', { exact: true }).focus();
    // A slip of the pen is named when its field is left, and what was meant.
    await page.keyboard.type('alpha dael ');
    await page.getByText('Word 2 is not on the list of words. Is it “deal”?').waitFor();
    await looksRight(page, 'restore-words');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Control+A');
    // Four letters are enough, and a space goes on.
    await page.keyboard.type(
      `deal ${PAPER.slice(2)
        .map((word) => word.slice(0, 4))
        .join(' ')} `,
    );
    await page.getByText('24 of 24 words are right').waitFor();
    await page.getByText('These words belong together.').waitFor();
    await page.getByText(`kinora:${OWN_KEY}`).waitFor();
    await page.getByLabel('Passphrase (if you like)').fill(PASSPHRASE);
    await page.getByLabel('The passphrase once more').fill('open barley');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The two passphrases differ.').waitFor();
    await page.getByLabel('The passphrase once more').fill(PASSPHRASE);
    await looksRight(page, 'restore-whole');
    expect(sent('POST /api/v1/restorations')).toEqual([]);
    await page.getByLabel('The passphrase once more').focus();
    await page.keyboard.press('Enter');
    await page.getByText('Looking for the channel…').waitFor();
    expect(sent('POST /api/v1/restorations')).toMatchObject([
      { body: { words: PAPER.join(' '), passphrase: PASSPHRASE, address: null } },
    ]);
    Object.assign(mock.restoration ?? {}, {
      progress: { step: 'fetching', done_bytes: 1_000_000, wanted_bytes: 4_000_000, peers: 2 },
    });
    mock.tell({ type: 'channels' });
    await page.getByRole('progressbar', { name: '25%' }).waitFor();
    await looksRight(page, 'restore-looking');
    bringBack(mock);
    mock.tell({ type: 'channels' });
    await page.getByText('“Silent Harbour” is yours again.').waitFor();
    await looksRight(page, 'restore-done');
    await page.getByRole('link', { name: 'Open the channel' }).click();
    await page.getByRole('heading', { level: 1, name: 'Silent Harbour' }).waitFor();
  });

  it('is pasted as a whole, and words that changed places are noticed', async () => {
    const { page, go } = journey;
    await go('#/publish/restore');
    const paste = async (text: string) => {
      const data = await page.evaluateHandle((words) => {
        const transfer = new DataTransfer();
        transfer.setData('text/plain', words);
        return transfer;
      }, text);
      await page.getByLabel('Word number 3', { exact: true }).evaluate((field, clipboardData) => {
        field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      }, data);
    };
    await page.getByText('0 of 24 words are right').waitFor();
    await paste([...PAPER.slice(1), PAPER[0]].join('\n'));
    await page.getByText('24 of 24 words are right').waitFor();
    await page.getByRole('alert').getByText('together they are not those of a channel').waitFor();
    await looksRight(page, 'restore-mixed');
    await paste(PAPER.map((word, at) => `${at + 1}. ${word.toUpperCase()}`).join('\n'));
    await page.getByText('These words belong together.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    refusalsWereMeant();
  });

  it('that nobody has is told so, the words stay, and looking for it can be stopped', async () => {
    const { page, mock } = journey;
    await bringBackBegins();
    const problem = { status: 404, code: 'channel_unknown', title: 'Nobody.', detail: null, hint: '' };
    Object.assign(mock.restoration ?? {}, { progress: null, problem });
    mock.tell({ type: 'channels' });
    await page.getByRole('alert').getByText('Nobody who is online knows this channel.').waitFor();
    await page.getByText('24 of 24 words are right').waitFor();
    await page.getByRole('button', { name: 'Bring it back' }).click();
    await page.getByText('Looking for the channel…').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('24 of 24 words are right').waitFor();
    expect(sent(`DELETE /api/v1/restorations/${OWN_KEY}`)).toHaveLength(1);
  });

  it('that is being brought back is shown again by a page that was loaded anew, and stopped there', async () => {
    const { page, mock } = journey;
    await bringBackBegins();
    await page.reload();
    await page.getByText('Looking for the channel…').waitFor();
    Object.assign(mock.restoration ?? {}, {
      progress: { step: 'fetching', done_bytes: 1_000_000, wanted_bytes: 4_000_000, peers: 2 },
    });
    mock.tell({ type: 'channels' });
    await page.getByRole('progressbar', { name: '25%' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('0 of 24 words are right').waitFor();
    await expect.poll(() => sent(`DELETE /api/v1/restorations/${OWN_KEY}`)).toHaveLength(1);
    await page.reload();
    await page.getByText('0 of 24 words are right').waitFor();
    expect(sent('POST /api/v1/restorations')).toHaveLength(1);
  });

  it('that came back, or did not, while no page was there is told of until it was read', async () => {
    const { page, go, mock } = journey;
    const problem = { status: 404, code: 'channel_unknown', title: 'Nobody.', detail: null, hint: '' };
    const failed = { id: OWN_KEY, progress: null, problem, channel: null, newest: false };
    mock.restoration = failed;
    await go('#/publish/restore');
    await page.getByRole('alert').getByText('Nobody who is online knows this channel.').waitFor();
    bringBack(mock);
    await page.reload();
    await page.getByText('“Silent Harbour” is yours again.').waitFor();
    await page.reload();
    await page.getByText('“Silent Harbour” is yours again.').waitFor();
    await go('#/channels');
    await expect.poll(() => sent(`DELETE /api/v1/restorations/${OWN_KEY}`)).toHaveLength(1);
    await go('#/publish/restore');
    await page.getByText('0 of 24 words are right').waitFor();
  });

  it('gets another signing key by keyboard, which is published at once', async () => {
    const { page, mock } = journey;
    await own({ locked: true });
    await page.getByText('The secret is locked with a passphrase.').waitFor();
    await looksRight(page, 'keys');
    await pressUntil(page, 'Tab', /^Replace the signing key$/);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Replace the signing key' });
    await dialog.getByText('Followers notice nothing').waitFor();
    await looksRight(page, 'key-replace');
    await dialog.getByLabel('Passphrase of the secret').fill('open barley');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('That is not the passphrase of this secret.').waitFor();
    expect(mock.own.root_version).toBe(1);
    await dialog.getByLabel('Passphrase of the secret').fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    await page.getByText('Version 4 is published: 18 nodes of the network know of it').waitFor();
    expect(mock.own).toMatchObject({ root_version: 2, key_unpublished: false });
    await expect.poll(() => focused(page)).toBe('Replace the signing key');
    refusalsWereMeant();
  });

  it('whose new key could not be published says so until it is', async () => {
    const { page, mock } = journey;
    const path = `POST /api/v1/own-channels/${OWN_KEY}/publish`;
    mock.failing.set(path, { status: 409, body: { status: 409, code: 'not_newest', title: 'Newer.' } });
    await own();
    await page.getByRole('button', { name: 'Replace the signing key' }).click();
    await page.getByRole('button', { name: 'Replace and publish' }).click();
    await page.getByRole('alert').getByText('Followers know a newer version').waitFor();
    await page.getByText('Something was changed that your followers do not know of yet.').waitFor();
    mock.failing.clear();
    await page.getByRole('button', { name: 'Publish now' }).click();
    await page.getByText('Version 4 is published').waitFor();
    refusalsWereMeant();
  });

  it('moves to a new address only after that was ticked, and says so at the old one', async () => {
    const { page, go } = journey;
    await own();
    await page.getByRole('button', { name: 'Move to a new address' }).click();
    const dialog = page.getByRole('dialog', { name: 'Move to a new address' });
    await looksRight(page, 'key-hand-over');
    await dialog.getByRole('button', { name: 'Move it and publish' }).click();
    expect(sent(`POST /api/v1/own-channels/${OWN_KEY}/hand-over`)).toEqual([]);
    await dialog.getByLabel('I want this channel to have a new address.').check();
    await dialog.getByRole('button', { name: 'Move it and publish' }).click();
    await page.getByText('published at its new address: 18 nodes').waitFor();
    await page.getByText(`kinora:${NEXT_KEY}`).waitFor();
    expect(sent(`POST /api/v1/own-channels/${NEXT_KEY}/publish`)).toHaveLength(1);
    await go(`#/channel/${OWN_KEY}`);
    await page.getByText('You have moved this channel to another address.').waitFor();
  });

  it('gets another passphrase', async () => {
    const { page, mock } = journey;
    await own();
    await page.getByText('The secret lies on this disk without a passphrase').waitFor();
    await page.getByRole('button', { name: 'Set a passphrase' }).click();
    await page.getByLabel('The new passphrase').fill(PASSPHRASE);
    await page.getByLabel('The passphrase once more').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Lock it' }).click();
    await page.getByText('The secret is locked with a passphrase.').waitFor();
    await page.getByRole('button', { name: 'Change the passphrase' }).waitFor();
    expect(mock.own.locked).toBe(true);
  });

  it('has its secret on paper alone once its words were typed, and needs them for every key', async () => {
    const { page, mock } = journey;
    await own({ locked: true });
    await page.getByRole('button', { name: 'Take the secret off this computer' }).click();
    const words = page.getByLabel('The 24 words on your paper');
    await page.getByText('Without the paper nothing of this can be done any more').waitFor();
    await words.fill([...PAPER].reverse().join(' '));
    await page.getByRole('button', { name: 'Take it off' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    expect(mock.own.secret).toBe(true);
    await looksRight(page, 'key-remove');
    await words.fill(PAPER.join(' '));
    await page.getByRole('button', { name: 'Take it off' }).click();
    await page.getByText('The secret is on paper alone').waitFor();
    expect(await page.getByRole('button', { name: 'Take the secret off this computer' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Replace the signing key' }).click();
    expect(await page.getByLabel('Passphrase of the secret').count()).toBe(0);
    await words.fill(PAPER.join(' '));
    await page.getByRole('button', { name: 'Replace and publish' }).click();
    await page.getByText('Version 4 is published').waitFor();
    expect(mock.own.root_version).toBe(2);
    await page.getByRole('button', { name: 'Put the secret back' }).click();
    await words.fill(PAPER.join(' '));
    await page.getByRole('button', { name: 'Put it back' }).click();
    await page.getByRole('button', { name: 'Set a passphrase' }).waitFor();
    refusalsWereMeant();
  });

  it('claims a domain, which is asked only when somebody says so', async () => {
    const { page, mock, browser } = journey;
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await own();
    await page.getByLabel('Your domain').fill('https://example.org/');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('This is no domain.').waitFor();
    await page.getByLabel('Your domain').fill('Example.org');
    await page.keyboard.press('Enter');
    await page.getByText('_kinora.example.org').waitFor();
    await page.getByRole('button', { name: 'Copy the text' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`kinora=${OWN_KEY}`);
    await looksRight(page, 'claim');
    const asked = `POST /api/v1/own-channels/${OWN_KEY}/domain`;
    expect(sent(asked)).toEqual([]);
    await page.getByRole('button', { name: 'Ask example.org' }).click();
    await page.getByRole('status').getByText('The domain does not vouch for this channel.').waitFor();
    mock.vouches = true;
    await page.getByRole('button', { name: 'Ask example.org' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(/^Vouched for by example\.org, asked/).waitFor();
    // Followers hear of the claim with the next version.
    await page.getByRole('button', { name: 'Publish now' }).click();
    await page.getByText('Version 4 is published').waitFor();
    await page.getByRole('button', { name: 'Claim no domain' }).click();
    await page.getByLabel('Your domain').waitFor();
    refusalsWereMeant();
  });

  it('vouches for other channels, and no longer, and followers hear of it with the next version', async () => {
    const { page, mock } = journey;
    await own();
    await page.getByLabel('Address of another channel').fill(`kinora:${OWN_KEY}`);
    await page.getByRole('button', { name: 'Vouch for it' }).click();
    await page.getByRole('alert').getByText('This is the channel itself.').waitFor();
    await page.getByLabel('Address of another channel').fill(`kinora:${NEW_KEY}`);
    await page.getByLabel('What it is called').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Say what it is called.').waitFor();
    await page.keyboard.type('Night Mail');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 3, name: 'Night Mail' }).waitFor();
    await looksRight(page, 'vouch');
    // One that is followed has its name already.
    await page.getByLabel('Address of another channel').fill(`kinora:${SILENT_KEY}`);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 3, name: 'Silent Evenings' }).waitFor();
    await page.getByText('Something was changed that your followers do not know of yet.').waitFor();
    await page.getByRole('button', { name: 'Publish now' }).click();
    await page.getByText('Version 4 is published').waitFor();
    await page.getByRole('button', { name: 'Vouch for Night Mail no longer' }).click();
    await page.getByRole('heading', { level: 3, name: 'Night Mail' }).waitFor({ state: 'detached' });
    expect(mock.vouched.map(({ id }) => id)).toEqual([SILENT_KEY]);
    await page.getByText('Something was changed that your followers do not know of yet.').waitFor();
  });

  it('names web servers that have a copy, and no longer, and followers hear of it with the next version', async () => {
    const { page, mock } = journey;
    await own();
    await page.getByLabel('Address of the folder on the web').fill('http://example.org/films/');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This cannot be a copy of the channel on the web.').waitFor();
    await page.getByLabel('Address of the folder on the web').fill('https://example.org/films');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 3, name: 'https://example.org/films/' }).waitFor();
    await page.getByText('Followers hear of it with the next version.').waitFor();
    await looksRight(page, 'mirrors');
    await page.getByText('Something was changed that your followers do not know of yet.').waitFor();
    await page.getByRole('button', { name: 'Publish now' }).click();
    await page.getByText('Version 4 is published').waitFor();
    expect(mock.own.mirrors).toEqual([{ url: 'https://example.org/films/', published: true }]);
    await page.getByText('Followers hear of it with the next version.').waitFor({ state: 'detached' });
    for (const number of [2, 3, 4]) {
      await page.getByLabel('Address of the folder on the web').fill(`https://${number}.example/`);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 3, name: `https://${number}.example/` }).waitFor();
    }
    await page.getByText('These are as many as a channel can name.').waitFor();
    await page.getByRole('button', { name: 'Name https://example.org/films/ no longer' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Address of the folder on the web').waitFor();
    expect(mock.own.mirrors).toHaveLength(3);
    await page.getByText('Something was changed that your followers do not know of yet.').waitFor();
    refusalsWereMeant();
  });
});
