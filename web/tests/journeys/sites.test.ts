// Sites from the page: looked for, opened in a tab of their own, forgotten; one's own made and published.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, focused, looksRight, pressUntil, type Journey } from '../journey';
import { OWN_KEY, PAPER, PASSPHRASE } from '../mock/keys';
import { FOUND_SITE, LEFT_SITE, NEXT_SITE, OWN_SITE, UNFIT_FOLDER } from '../mock/sites';

describe('a site', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
    await journey.go('#/sites');
  });
  afterEach(() => journey.end());

  const field = () => journey.page.getByLabel('Address of a site');

  it('is looked for with the keyboard alone, and its way in has the focus', async () => {
    const { page, mock } = journey;
    await field().focus();
    await page.keyboard.type(`kinora:${FOUND_SITE}`);
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('Open in a new tab');
    const link = page.locator(':focus');
    expect(await link.getAttribute('href')).toBe(`http://${FOUND_SITE}.site.localhost:1/`);
    expect(await link.getAttribute('target')).toBe('_blank');
    expect(await link.getAttribute('rel')).toContain('noopener');
    expect(mock.requests.find(({ line }) => line === 'POST /api/v1/sites')).toMatchObject({
      body: { address: `kinora:${FOUND_SITE}` },
    });
  });

  it('that was here is opened, and one of others can be forgotten', async () => {
    const { page, mock } = journey;
    const own = page.getByRole('listitem').filter({ hasText: 'Our festival' });
    await own.getByRole('button', { name: 'Open', exact: true }).click();
    await own.getByRole('link', { name: 'Open in a new tab' }).waitFor();
    const visited = page.getByRole('listitem').filter({ hasText: 'Silent Evenings, the notes' });
    await visited.getByText('Silent', { exact: true }).waitFor();
    await visited.getByRole('button', { name: 'Forget' }).click();
    await visited.waitFor({ state: 'detached' });
    expect(mock.sites.map(({ name }) => name)).toEqual(['Our festival']);
    expect(await page.getByRole('button', { name: 'Forget' }).count()).toBe(0);
  });

  it('that takes long can be given up, and nothing is said to be wrong', async () => {
    const { page, mock } = journey;
    mock.search = new Promise(() => undefined);
    await field().fill(`kinora:${FOUND_SITE}`);
    await page.keyboard.press('Enter');
    await page.getByText('Looking for the site.').waitFor();
    await pressUntil(page, 'Tab', /^Stop looking$/);
    await page.keyboard.press('Enter');
    await page.getByText('Looking for the site.').waitFor({ state: 'detached' });
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Look for it' }).isEnabled()).toBe(true);
  });

  it('that nobody has is told so, with what to do', async () => {
    const { page } = journey;
    await field().fill(`kinora:${FOUND_SITE.replace('qq', 'zz')}`);
    await page.keyboard.press('Enter');
    await page.getByText('Nobody who is online has this site.').waitFor();
    await page.getByText('try again when its publisher or a visitor is online').waitFor();
    // The browser itself notes that the answer was a failure.
    journey.browser.complaints.length = 0;
  });
});

describe('a site that was handed over', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
    await journey.go('#/sites');
  });
  afterEach(() => journey.end());

  it('leads to its new address when somebody says so, by keyboard', async () => {
    const { page, mock, browser } = journey;
    await page.getByLabel('Address of a site').fill(`kinora:${LEFT_SITE}`);
    await page.keyboard.press('Enter');
    await page.getByText('Its publisher has moved this site to another address').waitFor();
    expect(mock.sites.some(({ id }) => id === FOUND_SITE)).toBe(false);
    await looksRight(page, 'site-moved');
    await page.getByRole('button', { name: 'Open the new address' }).press('Enter');
    await expect.poll(() => focused(page)).toBe('Open in a new tab');
    expect(mock.sites.some(({ id }) => id === FOUND_SITE)).toBe(true);
    // Whoever asks for the old one again is not asked.
    await expect.poll(() => mock.answers.get(`kinora:${LEFT_SITE}`)).toBe(`kinora:${FOUND_SITE}`);
    await page.getByLabel('Address of a site').fill(`kinora:${LEFT_SITE}`);
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('Open in a new tab');
    expect(await page.getByText('Its publisher has moved this site to another address').count()).toBe(0);
    browser.complaints.length = 0;
  });

  it('says so in the list, where it can still be read', async () => {
    const { page, mock, go } = journey;
    const visited = mock.sites[1];
    if (visited) visited.successor = `kinora:${FOUND_SITE}`;
    await go('#/downloads');
    await go('#/sites');
    const entry = page.getByRole('listitem').filter({ hasText: 'Silent Evenings, the notes' });
    await entry.getByText(`kinora:${FOUND_SITE}`).waitFor();
    await entry.getByRole('button', { name: 'Open', exact: true }).waitFor();
    await entry.getByRole('button', { name: 'Stay with this one' }).press('Enter');
    await entry.getByText('It is opened as it was, and nobody is asked.').waitFor();
    expect(await entry.getByRole('button', { name: 'Open the new address' }).count()).toBe(0);
    await entry.getByRole('button', { name: 'Ask me again' }).click();
    await looksRight(page, 'site-moved-listed');
    await entry.getByRole('button', { name: 'Open the new address' }).click();
    await entry.getByText('Whenever it is asked for, the new address is opened.').waitFor();
    const found = page.getByRole('listitem').filter({ hasText: 'Harbour Films, the site' });
    await found.getByRole('link', { name: 'Open in a new tab' }).waitFor();
  });
});

describe('a site whose key signed two versions', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
  });
  afterEach(() => journey.end());

  it('says so, and is taken again when its visitor says so after a warning', async () => {
    const { page, mock, go } = journey;
    const [, visited] = mock.sites;
    if (visited) visited.state = 'two_versions';
    await go('#/sites');
    const entry = page.getByRole('listitem').filter({ hasText: 'Silent Evenings, the notes' });
    await entry.getByText('What is here can be read', { exact: false }).waitFor();
    await looksRight(page, 'site-halted');
    await entry.getByRole('button', { name: 'Take updates again' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Take updates again' });
    await dialog.getByText('has told you by another way what happened', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    expect(visited?.state).toBe('two_versions');
    await entry.getByRole('button', { name: 'Take updates again' }).click();
    await dialog.getByRole('button', { name: 'Take updates again' }).click();
    await page.getByText('Updates of “Silent Evenings, the notes” are taken again.').waitFor();
    await entry.getByText('Up to date').waitFor();
  });
});

describe('a site of one’s own', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
  });
  afterEach(() => journey.end());

  const sent = (line: string) => journey.mock.requests.filter((request) => request.line === line);
  const folder = () => journey.page.getByLabel('Folder on Kinora’s disk');

  it('is made with its words on paper and published, with the keyboard alone', async () => {
    const { page, go } = journey;
    await go('#/sites');
    await page.getByText('Address of a site').waitFor();
    await pressUntil(page, 'Tab', /^Make a site$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Make a site' }).waitFor();
    await page.getByLabel('Name of the site').focus();
    await page.keyboard.type('Harbour Films');
    await page.keyboard.press('Tab');
    await page.keyboard.type('rights@example.org');
    await looksRight(page, 'site-new');
    await page.keyboard.press('Enter');
    await page.getByText('whoever has them owns it').waitFor();
    expect(sent('POST /api/v1/own-sites')).toMatchObject([
      { body: { name: 'Harbour Films', contact: 'mailto:rights@example.org' } },
    ]);
    expect(await page.locator('ol.words li').count()).toBe(24);
    await page.getByRole('button', { name: 'I have written them down' }).press('Enter');
    for (const field of await page.getByLabel(/^Word number/).all()) {
      const at = Number((await field.getAttribute('id'))?.replace('word-', ''));
      await field.fill(`word${String.fromCharCode(97 + at)}`);
    }
    await page.getByRole('button', { name: 'Go on' }).press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Harbour Films' }).waitFor();
    await page.getByText('Not published yet').waitFor();
    await looksRight(page, 'site-made');
    await folder().focus();
    await page.keyboard.type('/home/viewer/harbour');
    await page.keyboard.press('Enter');
    await page.getByText('Version 1 is out: 7 nodes of the network know of it.').waitFor();
    await expect.poll(() => focused(page)).toBe('Publish again');
    expect(sent(`POST /api/v1/own-sites/nn${OWN_SITE.slice(2)}/publish`)).toMatchObject([
      {
        body: {
          folder: '/home/viewer/harbour',
          scripts: false,
          theme: { palette: 'paper', typeface: 'sans', language: 'en' },
        },
      },
    ]);
  });

  it('of texts is given colours and letters by keyboard, and keeps them', async () => {
    const { page, go } = journey;
    await go(`#/site/${OWN_SITE}`);
    const kind = page.getByRole('group', { name: 'What is in the folder?' });
    await kind.getByLabel('Pages with scripts of their own').focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    expect(await kind.getByLabel('Texts').isChecked()).toBe(false);
    await page.keyboard.press('Space');
    expect(await kind.getByLabel('Texts').isChecked()).toBe(true);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('id')).toBe('site-palette');
    await page.getByLabel('Colours').selectOption('Sea');
    await page.getByLabel('Letters').selectOption('With serifs');
    await page.getByLabel('Language of the texts').fill('not a language');
    await page.keyboard.press('Enter');
    expect(sent(`POST /api/v1/own-sites/${OWN_SITE}/publish`)).toEqual([]);
    await page.getByLabel('Language of the texts').fill('pt-BR');
    await looksRight(page, 'site-texts');
    await page.keyboard.press('Enter');
    await page.getByText('Version 5 is out').waitFor();
    const theme = { palette: 'sea', typeface: 'serif', language: 'pt-BR' };
    expect(sent(`POST /api/v1/own-sites/${OWN_SITE}/publish`)).toMatchObject([
      { body: { scripts: false, theme } },
    ]);
    await go('#/sites');
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Our festival' })
      .getByRole('link', { name: 'Publish' })
      .click();
    await expect.poll(() => page.getByLabel('Colours').inputValue()).toBe('sea');
  });

  it('is brought back from its words, and looking for it can be stopped', async () => {
    const { page, go, mock } = journey;
    await go('#/sites');
    await pressUntil(page, 'Tab', /^Bring a site back$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Bring a site back' }).waitFor();
    await page.getByLabel('Word number 1', { exact: true }).pressSequentially(`${PAPER.join(' ')} `);
    await page.getByText('They are those of the site with this address:').waitFor();
    await page.getByText(`kinora:${OWN_KEY}`).waitFor();
    mock.search = new Promise(() => undefined);
    await page.getByRole('button', { name: 'Bring it back' }).click();
    await page.getByText('Its newest version is being looked for.').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('24 of 24 words are right').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    mock.search = Promise.resolve();
    await page.getByRole('button', { name: 'Bring it back' }).click();
    await page.getByText('“Silent Harbour” is yours again.').waitFor();
    await page.getByText('The network could not be asked').waitFor();
    await looksRight(page, 'site-restored');
    await page.getByRole('link', { name: 'Publish' }).click();
    await page.getByRole('heading', { level: 1, name: 'Silent Harbour' }).waitFor();
    await go('#/site/restore');
    await page.getByLabel('Word number 1', { exact: true }).pressSequentially(`${PAPER.join(' ')} `);
    await page.getByText('a site that is on this computer already').waitFor();
    expect(await page.getByRole('button', { name: 'Bring it back' }).isEnabled()).toBe(false);
  });

  it('is not brought back while nobody who has its files is there, and the words stay', async () => {
    const { page, go, mock, browser } = journey;
    await go('#/site/restore');
    await page.getByLabel('Word number 1', { exact: true }).pressSequentially(`${PAPER.join(' ')} `);
    const failure = { status: 504, code: 'channel_unreachable', title: 'Nobody who has its files.' };
    mock.failing.set('POST /api/v1/own-sites/restore', { status: 504, body: failure });
    await page.getByRole('button', { name: 'Bring it back' }).click();
    const said = page.getByRole('alert');
    await said.getByText('The site exists, but nobody who has its files was found.').waitFor();
    await said.getByText('when its publisher or another visitor is online').waitFor();
    await page.getByText('24 of 24 words are right').waitFor();
    browser.complaints.length = 0;
  });

  it('names web servers that have a copy, and no longer, and visitors hear of it with the next version', async () => {
    const { page, go, mock, browser } = journey;
    await go(`#/site/${OWN_SITE}`);
    const copies = page.getByRole('region', { name: 'Copies on the web' });
    const address = copies.getByLabel('Address of the folder on the web');
    await copies.getByText('kinora site export --to').waitFor();
    await address.fill('http://example.org/festival/');
    await page.keyboard.press('Enter');
    await copies.getByRole('alert').getByText('This cannot be a copy of the site on the web.').waitFor();
    await address.fill('https://example.org/festival');
    await page.keyboard.press('Enter');
    await copies.getByRole('heading', { level: 3, name: 'https://example.org/festival/' }).waitFor();
    await copies.getByText('Visitors hear of it with the next version.').waitFor();
    const left = copies.getByRole('status').getByText('Publish the site again to tell them.');
    await left.waitFor();
    await looksRight(page, 'site-mirrors');
    await page.getByRole('button', { name: 'Publish again' }).press('Enter');
    await page.getByText('Version 5 is out').waitFor();
    await left.waitFor({ state: 'detached' });
    expect(mock.ownSites[0]?.mirrors).toEqual([{ url: 'https://example.org/festival/', published: true }]);
    await copies.getByRole('button', { name: 'Name https://example.org/festival/ no longer' }).press('Enter');
    await left.waitFor();
    expect(mock.ownSites[0]?.mirrors).toEqual([]);
    browser.complaints.length = 0;
  });

  it('is published again from the same folder, which can be stopped', async () => {
    const { page, go, mock } = journey;
    mock.telling = new Promise(() => undefined);
    await go('#/sites');
    const own = page.getByRole('listitem').filter({ hasText: 'Our festival' });
    await own.getByRole('link', { name: 'Publish' }).press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Our festival' }).waitFor();
    await expect.poll(() => folder().inputValue()).toBe('/home/viewer/festival');
    expect(await page.getByLabel('Pages with scripts of their own').isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Publish again' }).press('Enter');
    await page.getByText('The pages are being made ready for others.').waitFor();
    await page.getByRole('progressbar').waitFor();
    await expect.poll(() => focused(page)).toBe('Stop');
    await looksRight(page, 'site-publishing');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('What visitors have is as it was.').waitFor();
    await expect.poll(() => focused(page)).toBe('Publish again');
    await page.getByText(/^Version 4 ·/).waitFor();
  });

  it('gets a passphrase and then another signing key by keyboard, which holds once it is published', async () => {
    const { page, go, mock, browser } = journey;
    await go(`#/site/${OWN_SITE}`);
    await page.getByText('The secret lies on this disk without a passphrase').waitFor();
    await pressUntil(page, 'Tab', /^Set a passphrase$/);
    await page.keyboard.press('Enter');
    await page.getByLabel('The new passphrase').fill(PASSPHRASE);
    await page.getByLabel('The passphrase once more').fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    await page.getByText('The secret is locked with a passphrase.').waitFor();
    await expect.poll(() => focused(page)).toBe('Change the passphrase');
    await page.keyboard.press('Shift+Tab');
    expect(await focused(page)).toBe('Move to a new address');
    await page.keyboard.press('Shift+Tab');
    expect(await focused(page)).toBe('Replace the signing key');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Replace the signing key' });
    await dialog.getByText('Visitors notice nothing').waitFor();
    await looksRight(page, 'site-key-replace');
    await dialog.getByLabel('Passphrase of the secret').fill('open barley');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('That is not the passphrase of this secret.').waitFor();
    await dialog.getByLabel('Passphrase of the secret').fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    const left = page.getByText('The signing key was replaced. Publish the site again');
    await left.waitFor();
    await looksRight(page, 'site-key-replaced');
    await page.getByRole('button', { name: 'Publish again' }).press('Enter');
    await page.getByText('Version 5 is out').waitFor();
    await left.waitFor({ state: 'detached' });
    expect(mock.ownSites[0]).toMatchObject({ locked: true, key_unpublished: false });
    // The browser itself notes that a wrong passphrase was refused.
    browser.complaints.length = 0;
  });

  it('is moved to a new address after a warning, and is published there', async () => {
    const { page, go } = journey;
    await go(`#/site/${OWN_SITE}`);
    await page.getByRole('button', { name: 'Move to a new address' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Move to a new address' });
    await dialog.getByText('is asked whether to go to the new one').waitFor();
    await looksRight(page, 'site-hand-over');
    await dialog.getByRole('button', { name: 'Move it' }).click();
    expect(sent(`POST /api/v1/own-sites/${OWN_SITE}/hand-over`)).toEqual([]);
    await dialog.getByLabel('I want this site to have a new address.').check();
    await dialog.getByRole('button', { name: 'Move it' }).click();
    await page.getByText(`kinora:${NEXT_SITE}`).waitFor();
    await expect.poll(() => folder().inputValue()).toBe('/home/viewer/festival');
    await go(`#/site/${OWN_SITE}`);
    await page.getByText('You have moved this site to another address.').waitFor();
    expect(await folder().count()).toBe(0);
    await looksRight(page, 'site-handed-over');
    await page.getByRole('link', { name: 'Open the new address' }).click();
    await page.getByText(`kinora:${NEXT_SITE}`).waitFor();
  });

  it('has its secret on paper alone once the words were typed, and goes on being published', async () => {
    const { page, go, browser, mock } = journey;
    await go(`#/site/${OWN_SITE}`);
    await page.getByRole('button', { name: 'Take the secret off this computer' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Take the secret off this computer' });
    const words = dialog.getByLabel('The 24 words on your paper');
    await words.fill('alpha deal');
    await dialog.getByRole('button', { name: 'Take it off' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(mock.ownSites[0]?.secret).toBe(true);
    await looksRight(page, 'site-secret-off');
    await words.fill(PAPER.join(' '));
    await dialog.getByRole('button', { name: 'Take it off' }).click();
    await page.getByText('The secret is on paper alone').waitFor();
    await page.getByRole('button', { name: 'Publish again' }).press('Enter');
    await page.getByText('Version 5 is out').waitFor();
    await page.getByRole('button', { name: 'Replace the signing key' }).click();
    await page.getByLabel('The 24 words on your paper').fill(PAPER.join(' '));
    await page.keyboard.press('Tab');
    await page.getByRole('dialog').getByRole('button', { name: 'Replace the signing key' }).click();
    await page.getByText('The signing key was replaced. Publish the site again').waitFor();
    await page.getByRole('button', { name: 'Put the secret back' }).click();
    await page.getByLabel('The 24 words on your paper').fill(PAPER.join(' '));
    await page.getByRole('button', { name: 'Put it back' }).click();
    await page.getByRole('button', { name: 'Set a passphrase' }).waitFor();
    // The browser itself notes that wrong words were refused.
    browser.complaints.length = 0;
  });

  it('names the files that hinder it, and what to do with each', async () => {
    const { page, go } = journey;
    await go(`#/site/${OWN_SITE}`);
    await folder().fill(UNFIT_FOLDER);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This folder cannot be a site.').waitFor();
    const files = await page.getByRole('list', { name: 'What hinders it' }).getByRole('listitem').all();
    const said = await Promise.all(files.map((one) => one.innerText()));
    expect(said).toEqual([
      expect.stringMatching(/^menu\.js: it is a script\. Say above/),
      expect.stringMatching(/^our films\.html: the name has other letters.* Rename it\.$/),
      // A newer server knows reasons that this page has no words for.
      'a.new: it cannot be part of a site',
    ]);
    await looksRight(page, 'site-refused');
  });

  it('is shared by its address, and one that is not ours says so', async () => {
    const { page, go, browser } = journey;
    await go(`#/site/${OWN_SITE}`);
    await page.getByRole('button', { name: 'Share' }).click();
    const dialog = page.getByRole('dialog', { name: 'Share this site' });
    await dialog.getByText(`kinora:${OWN_SITE}`).waitFor();
    await dialog.getByRole('img', { name: 'The address as a QR code' }).waitFor();
    await looksRight(page, 'site-share');
    await page.keyboard.press('Escape');
    await go(`#/site/${FOUND_SITE}`);
    await page.getByText('This computer does not have its keys.').waitFor();
    browser.complaints.length = 0;
  });
});
