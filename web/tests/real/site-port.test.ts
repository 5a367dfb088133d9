// A site that shows the films of its publisher's channel, in an ordinary browser: what its scripts learn, and what they do not.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launch, type Browser } from '../chromium';
import { type Program } from './program';
import { world, type World } from './world';

/** What docs/sites.md shows: lists the films, and plays the one that is pressed. */
const LISTS = `
  let port, asked = 0;
  const waiting = new Map();
  const ask = (method, params = {}) => new Promise((done) => {
    waiting.set(++asked, done);
    port.postMessage({ id: asked, method, params });
  });
  addEventListener('message', async (event) => {
    if (event.source !== parent || event.data?.kinora !== 1) return;
    port = event.ports[0];
    port.onmessage = ({ data: { id, ...told } }) => { waiting.get(id)(told); waiting.delete(id); };
    const films = await ask('catalogue.query', { text: '', limit: 20 });
    const list = document.getElementById('films');
    for (const film of films.result?.titles ?? []) {
      const button = document.createElement('button');
      button.textContent = film.name;
      button.onclick = () => ask('play', { id: film.id, from: location.pathname });
      list.append(button);
    }
    document.getElementById('told').textContent = JSON.stringify(films.error ?? films.result.total);
    const id = films.result?.titles[0]?.id ?? '';
    // Once: the press that leads back to the site is one as well.
    const isFirst = !sessionStorage.getItem('asked');
    sessionStorage.setItem('asked', 'yes');
    for (const attempt of isFirst && typeof tries === 'function' ? tries(id) : []) tell(attempt, await ask(...attempt));
    document.title = 'asked';
  });
  const tell = (what, told) => console.log('told ' + JSON.stringify([what[0], told]));
`;
/** The same, and asks for what it may not have. */
const ASKS = `${LISTS}
  const tries = (id) => [
    ['play', { id }],
    ['title.get', { id }],
    ['title.get', { id: 'aelita' }],
    ['catalogue.query', { text: 'aelita' }],
    ['catalogue.query', { text: 'x'.repeat(1 << 20) }],
    ['downloads.add', { id }],
    ['settings.theme'],
  ];`;
const PAGE =
  '<h1>Evenings</h1><a href="next.html">on</a><div id="films"></div><p id="told">quiet</p><script src="a.js"></script>';

/** Asks without end. */
const FLOOD = `
  addEventListener('message', (event) => {
    const port = event.ports[0];
    let told = 0;
    port.onmessage = () => { told += 1; };
    for (let each = 0; each < 5000; each++) port.postMessage({ id: each, method: 'catalogue.query' });
    setTimeout(() => { document.getElementById('told').textContent = 'heard ' + told; }, 1500);
  });`;

const films = (names: string[]) => ({
  kinora_catalogue: 1,
  id: 'films',
  revision: 1,
  name: { en: 'Films' },
  publisher: 'Somebody',
  titles: names.map((name) => ({
    id: name.toLowerCase(),
    kind: 'film',
    name: { en: name },
    licence: 'CC-BY-4.0',
    attribution: 'Somebody',
    source: 'https://example.org/licence',
    releases: [
      {
        id: `${name.toLowerCase()}-r`,
        quality: '720p',
        container: 'mp4',
        size_bytes: 1,
        path: 'a/b.mp4',
        torrent: { v1: 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c' },
      },
    ],
  })),
});

const CONTACT = 'mailto:rights@example.org';

describe('the port of a site', () => {
  let machines: World;
  let browser: Browser;
  let folder: string;
  let channel: string;

  /** Asks a machine to do something, as its page does. */
  async function tell(machine: Program, path: string, body: object): Promise<string> {
    const headers = { authorization: `Bearer ${machine.token}`, 'content-type': 'application/json' };
    const answer = await fetch(machine.origin + path, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    expect(answer.ok, text).toBe(true);
    return text;
  }

  /** Publishes a channel with these films; its address. */
  async function publish(name: string, titles: string[]): Promise<string> {
    const { publisher } = machines;
    const made = await tell(publisher, '/api/v1/own-channels', { name, contact: CONTACT });
    const own = (JSON.parse(made) as { channel: { id: string; address: string } }).channel;
    await tell(publisher, `/api/v1/own-channels/${own.id}/titles`, films(titles));
    await tell(publisher, `/api/v1/own-channels/${own.id}/publish`, {});
    return own.address;
  }

  /** Publishes a site with this script and opens it on a machine; what a browser is sent to. */
  async function site(name: string, script: string, of: object, on?: Program): Promise<string> {
    const { publisher } = machines;
    const made = await tell(publisher, '/api/v1/own-sites', { name, contact: CONTACT });
    const own = (JSON.parse(made) as { site: { id: string; address: string } }).site;
    // Another attempt makes another site of that name.
    const place = await mkdtemp(join(folder, `${name}-`));
    await writeFile(join(place, 'index.html'), PAGE);
    await writeFile(join(place, 'a.js'), script);
    await writeFile(join(place, 'next.html'), PAGE.replace('Evenings', 'Nights'));
    const published = await tell(publisher, `/api/v1/own-sites/${own.id}/publish`, {
      folder: place,
      scripts: true,
      ...of,
    });
    expect(published).toContain('"published"');
    const opened = await tell(on ?? publisher, '/api/v1/sites', { address: own.address });
    return (JSON.parse(opened) as { url: string }).url;
  }

  beforeAll(async () => {
    machines = await world();
    browser = await launch();
    folder = await mkdtemp(join(tmpdir(), 'kinora-ports-'));
    channel = await publish('Silent films', ['Metropolis', 'Nosferatu']);
    const other = await publish("Nobody's business", ['Aelita']);
    const { follower } = machines;
    for (const address of [channel, other]) await tell(follower, '/api/v1/channels', { address });
    const headers = { authorization: `Bearer ${follower.token}` };
    const total = async () => {
      const answer = await fetch(`${follower.origin}/api/v1/titles?channel=${channel.slice(7)}`, { headers });
      return ((await answer.json()) as { total: number }).total;
    };
    await vi.waitUntil(async () => (await total()) === 2, { timeout: 120_000, interval: 200 });
  });
  afterAll(async () => {
    await browser.close();
    await machines.end();
    await rm(folder, { recursive: true, force: true });
  });

  const agree = (page: Page) => page.getByRole('button', { name: 'Let its scripts run' }).click();

  it('tells of the films of its publisher, and leads to one after a press', async () => {
    const url = await site('shelf', ASKS, { channel }, machines.follower);
    const page = await browser.page();
    const told: unknown[] = [];
    page.on('console', (message) => {
      if (message.text().startsWith('told ')) told.push(JSON.parse(message.text().slice(5)));
    });
    await page.goto(url);
    const inside = page.frameLocator('iframe');
    await inside.getByText('quiet').waitFor();
    await agree(page);
    await expect.poll(() => told.length).toBe(7);
    const [played, title, other, query, long, wrong, theme] = told as [string, Record<string, unknown>][];
    expect(played).toEqual(['play', { error: 'needs_press' }]);
    expect(title?.[1]).toMatchObject({ result: { name: 'Metropolis', licence: 'CC-BY-4.0' } });
    expect(other).toEqual(['title.get', { error: 'title_unknown' }]);
    expect(query).toEqual(['catalogue.query', { result: { total: 0, titles: [] } }]);
    expect(long).toEqual(['catalogue.query', { error: 'bad_request' }]);
    expect(wrong).toEqual(['downloads.add', { error: 'unknown_method' }]);
    expect(theme).toEqual(['settings.theme', { result: { scheme: 'light', language: 'en' } }]);

    const buttons = inside.locator('#films').getByRole('button');
    expect(await buttons.allInnerTexts()).toEqual(['Metropolis', 'Nosferatu']);
    await buttons.first().press('Enter');
    const { address } = (title?.[1]['result'] ?? {}) as { address: string };
    expect(address.startsWith(`${channel}.`)).toBe(true);
    await inside.getByText(address, { exact: true }).waitFor();
    const [film] = await Promise.all([
      browser.context.waitForEvent('page'),
      inside.getByRole('link', { name: 'Open it in a new tab' }).click(),
    ]);
    await film.getByRole('heading', { level: 1, name: 'Metropolis' }).waitFor();
    await film.close();
    // Back at the site, the page has a port of its own.
    await inside.getByRole('link', { name: 'Back to the site' }).click();
    await expect.poll(() => buttons.count()).toBe(2);

    // From another page of the site, the way back leads to that one.
    await inside.getByRole('link', { name: 'on', exact: true }).click();
    await inside.getByRole('heading', { name: 'Nights' }).waitFor();
    await buttons.first().press('Enter');
    await inside.getByText(address, { exact: true }).waitFor();
    await inside.getByRole('link', { name: 'Back to the site' }).click();
    await inside.getByRole('heading', { name: 'Nights' }).waitFor();
    await page.close();
  });

  it('tells a site nothing whose publisher has no channel, and nothing before somebody agreed', async () => {
    const url = await site('bare', LISTS, {});
    const page = await browser.page();
    await page.goto(url);
    const told = page.frameLocator('iframe').locator('#told');
    await told.getByText('quiet').waitFor();
    expect(await page.locator('iframe[data-port]').count()).toBe(0);
    await agree(page);
    await told.getByText('"no_channel"').waitFor();
    await page.close();
  });

  it('is deaf to a flood, and the frame goes on', async () => {
    const url = await site('flood', FLOOD, { channel });
    const page = await browser.page();
    await page.goto(url);
    await agree(page);
    const told = page.frameLocator('iframe').getByText(/^heard/);
    await told.waitFor();
    // Twenty are answered, two hundred are told that they are too many, and the others are not heard.
    const heard = Number((await told.innerText()).split(' ')[1]);
    expect(heard).toBeGreaterThanOrEqual(20);
    expect(heard).toBeLessThan(400);
    await page.getByRole('button', { name: 'Stop its scripts' }).click();
    await page.frameLocator('iframe').getByText('quiet').waitFor();
    await page.close();
  });

  it('is not handed to a page that the frame is led to from outside', async () => {
    const url = await site('stranger', LISTS, { channel });
    const page = await browser.page();
    await page.goto(url);
    await agree(page);
    const list = page.frameLocator('iframe');
    await list.getByText('quiet').waitFor({ state: 'hidden' });
    await list.getByRole('button', { name: 'Metropolis' }).waitFor();
    // Whoever is in the frame then has another origin: the message is not for it.
    const heard = await page.evaluate(async () => {
      const frame = document.querySelector('iframe');
      const inside = frame?.contentWindow;
      if (!frame || !inside) return [];
      const heard: unknown[] = [];
      frame.src = 'about:blank';
      await new Promise((done) => {
        // This listener comes after the frame's own, which has sent its message by then.
        document.addEventListener('load', done, { once: true, capture: true });
      });
      await new Promise((done) => {
        inside.addEventListener('message', ({ data }) => {
          heard.push(data);
          if (data === 'last') done(null);
        });
        inside.postMessage('last', '*');
      });
      return heard;
    });
    expect(heard).toEqual(['last']);
    await page.close();
  });
});
