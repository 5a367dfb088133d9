// A film goes from one machine's page to another's: a channel is made and filled in the first, followed in the second.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Scenes } from '../../src/api/shapes';
import { film } from '../mock/media';
import { moves, open, playbackOf, type Visit } from './visit';
import { world, type World } from './world';

describe('a film that is published in the page', () => {
  let machines: World;
  let publisher: Visit;
  let follower: Visit;
  let address: string;
  let words: string[];

  // All of it is one test: an attempt begins with machines that know nothing, or it could never pass after another.
  beforeEach(async () => {
    machines = await world();
    publisher = await open(machines.publisher);
    follower = await open(machines.follower);
  });
  afterEach(async () => {
    // Pictures come with a film's own torrent: before it is played they are drawn by the page.
    const { complaints } = follower.browser;
    complaints.splice(0, Infinity, ...complaints.filter((one) => !/404.*\/image\//.test(one)));
    await publisher.end();
    await follower.end();
    await machines.end();
  });

  const go = (visit: Visit, hash: string) => visit.page.evaluate((to) => (location.hash = to), hash);

  /** Begins with a channel, whose words are written down. */
  async function begins(): Promise<void> {
    const { page } = publisher;
    await page.getByRole('navigation', { name: 'Places' }).waitFor();
    await go(publisher, '#/channels');
    await page.getByRole('link', { name: 'Make a channel' }).click();
    await page.getByLabel('Name of the channel').fill('Harbour Films');
    await page.getByLabel('Contact for questions of rights').fill('rights@example.org');
    await page.getByRole('button', { name: 'Make the channel' }).click();
    const list = page.locator('ol.words li');
    await list.first().waitFor();
    words = (await list.allInnerTexts()).map((line) => line.replaceAll(/[\d\s]/g, ''));
    expect(words).toHaveLength(24);
    await page.getByRole('button', { name: 'I have written them down' }).click();
    for (const field of await page.getByLabel(/^Word number/).all()) {
      const at = Number((await field.getAttribute('id'))?.replace('word-', ''));
      await field.fill(words[at] ?? '');
    }
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('heading', { level: 1, name: 'Publish a film' }).waitFor();
    const own = await publisher.ask<{ channels: { address: string }[] }>('/api/v1/own-channels');
    address = own.channels[0]?.address ?? '';
    expect(address).toMatch(/^kinora:[a-z0-9]{52}$/);
  }

  /** The film is sent, gets a poster and a licence, is looked at, and goes out. */
  async function goesOut(): Promise<void> {
    const { page } = publisher;
    await page.getByLabel('A film from this device').setInputFiles(film());
    // Its own quality fits and is copied; a smaller one is made.
    await page.getByRole('checkbox', { name: /^360p/ }).waitFor();
    await page.getByRole('checkbox', { name: /^144p/ }).check();
    await page.getByRole('button', { name: 'Make them' }).click();
    await page.getByRole('button', { name: 'Picture 2' }).click();
    await page.getByRole('img', { name: 'The poster as it is now' }).waitFor();
    await page.getByLabel('Title', { exact: true }).fill('Last Ferry');
    await page.getByLabel('Licence', { exact: true }).selectOption('CC-BY-4.0');
    await page.getByLabel('Attribution').fill('© 2026 Somebody');
    await page.getByLabel('Source').fill('https://example.org/last-ferry');
    await page.getByLabel('I may share this film').check();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('heading', { level: 3, name: 'Last Ferry' }).waitFor();
    await page.getByText('It is made.').waitFor({ timeout: 120_000 });
    await page.getByRole('button', { name: 'Sign and publish' }).click();
    await page.getByRole('heading', { name: 'It is published' }).waitFor({ timeout: 60_000 });
    await page.getByText('Please leave Kinora running.').waitFor();
  }

  /** It reaches whoever follows the channel, and plays there. */
  async function plays(): Promise<void> {
    const { page } = follower;
    await page.getByRole('navigation', { name: 'Places' }).waitFor();
    await go(follower, `#/follow/${encodeURIComponent(`${address}?x.pe=${machines.publisher.listens}`)}`);
    await page.getByText('What following means').waitFor();
    expect(await follower.ask('/api/v1/channels')).toMatchObject({ channels: [] });
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Harbour Films' }).waitFor({ timeout: 90_000 });
    await page
      .getByRole('link', { name: /Last Ferry/ })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: 'Last Ferry' }).waitFor();
    await page.getByText('Published by').waitFor();
    await page.getByText('144p').first().waitFor();
    const playback = await playbackOf(page, () => page.getByRole('link', { name: /^Play ·/ }).click());
    await moves(page, [0.1, 30]);
    // What goes with the film came with its torrent.
    const scenes = await follower.ask<Scenes>(`/api/v1/playbacks/${playback}/scenes`);
    expect(scenes.previews).toHaveLength(45);
    expect((await fetch(machines.follower.origin + (scenes.sheets[0] ?? ''))).status).toBe(200);
  }

  /** The channel is brought back on another machine from the words, and its signing key is replaced then. */
  async function comesBack(): Promise<void> {
    const { page } = follower;
    await go(follower, '#/publish/restore');
    // The whole list goes into the first field, as it is typed on a telephone.
    await page.getByLabel('Word number 1', { exact: true }).fill(words.join(' '));
    await page.getByText('These words belong together.').waitFor();
    await page.getByText(address).waitFor();
    await page.getByLabel('Passphrase (if you like)').fill('open sesame');
    await page.getByLabel('The passphrase once more').fill('open sesame');
    await page.getByRole('button', { name: 'Bring it back' }).click();
    await page.getByText('“Harbour Films” is yours again.').waitFor({ timeout: 90_000 });
    await page.getByRole('link', { name: 'Open the channel' }).click();
    await page.getByText('The secret is locked with a passphrase.').waitFor();
    await page.getByRole('button', { name: 'Replace the signing key' }).click();
    await page.getByLabel('Passphrase of the secret').fill('open sesame');
    await page.getByRole('button', { name: 'Replace and publish' }).click();
    // Where the nodes of the network are late to answer, it is signed all the same, and told by itself later.
    await page.getByText(/^Version 2 is (published|signed)/).waitFor({ timeout: 60_000 });
    const own = await follower.ask<{ channels: object[] }>('/api/v1/own-channels');
    expect(own.channels).toMatchObject([{ version: 2, root_version: 2, key_unpublished: false }]);
  }

  it('plays at a follower, who brings the channel back from its words and replaces its key', async () => {
    await begins();
    await goesOut();
    await plays();
    await comesBack();
  }, 300_000);
});
