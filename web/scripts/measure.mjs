// Measures the page in Chromium, against the mock server: the first load, and a grid of ten thousand titles.
import { gzipSync } from 'node:zlib';
import { readdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { runnerImport } from 'vite';

/** A machine four times slower than this one. */
const SLOWDOWN = 4;
const TITLES = 10_000;
const assets = new URL('../dist/assets/', import.meta.url);

const { module } = await runnerImport('./tests/mock-api.ts');
const mock = await module.startMock({});
const browser = await chromium.launch({
  executablePath: process.env.KINORA_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

const ms = (value) => `${value.toFixed(0)} ms`;
const line = (name, value) => console.log(`| ${name} | ${value} |`);
const middle = (all, part = 0.5) => all.toSorted((a, b) => a - b)[Math.floor((all.length - 1) * part)];

/** Watches a page from its first byte: paints, shifts, and tasks that keep it from answering. */
function observe() {
  const seen = (window.seen = { lcp: 0, cls: 0, blocked: 0 });
  const on = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  on('largest-contentful-paint', (entry) => (seen.lcp = entry.startTime));
  on('layout-shift', (entry) => (seen.cls += entry.hadRecentInput ? 0 : entry.value));
  on('longtask', (entry) => (seen.blocked += entry.duration - 50));
}

async function open(slowdown) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const wire = await page.context().newCDPSession(page);
  await wire.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await wire.send('Performance.enable');
  await page.addInitScript(observe);
  return { page, wire };
}

async function load(slowdown) {
  const { page } = await open(slowdown);
  await page.goto(mock.launch);
  await page.getByRole('heading', { name: 'Worth an evening' }).waitFor();
  // Pictures in sight have come; the stream of events keeps the network busy for ever.
  await page.waitForFunction(() =>
    [...document.images].every((one) => one.loading === 'lazy' || one.complete),
  );
  const found = await page.evaluate(() => ({
    ...window.seen,
    fcp: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  }));
  await page.close();
  return found;
}

async function loads(name, slowdown) {
  const all = [];
  for (let run = 0; run < 5; run += 1) all.push(await load(slowdown));
  line(`${name}: first contentful paint`, ms(middle(all.map((one) => one.fcp))));
  line(`${name}: largest contentful paint`, ms(middle(all.map((one) => one.lcp))));
  line(`${name}: total blocking time`, ms(middle(all.map((one) => one.blocked))));
  line(`${name}: cumulative layout shift`, middle(all.map((one) => one.cls)).toFixed(3));
}

/** Scrolls as a wheel does for three seconds, and notes how long each frame took. */
function roll() {
  return new Promise((resolve) => {
    const frames = [];
    const began = performance.now();
    let last = began;
    requestAnimationFrame(function next(now) {
      frames.push(now - last);
      last = now;
      scrollBy(0, 60);
      if (now - began < 3_000) requestAnimationFrame(next);
      else resolve(frames.slice(1));
    });
  });
}

async function grid() {
  const [pattern] = mock.titles;
  mock.titles = Array.from({ length: TITLES }, (_, at) => ({
    ...pattern,
    id: `t${at}`,
    name: `Title ${at}`,
  }));
  const { page, wire } = await open(1);
  await page.goto(mock.launch);
  await page.getByRole('heading', { name: 'Worth an evening' }).waitFor();
  const began = performance.now();
  await page.evaluate(() => (location.hash = '#/all'));
  await page.getByRole('link', { name: 'Title 0' }).waitFor();
  line('ten thousand titles: grid opened', ms(performance.now() - began));
  const frames = await page.evaluate(roll);
  line('scrolling: frames shown in 3 s', frames.length);
  line('scrolling: middle frame', ms(middle(frames)));
  line('scrolling: 95 of 100 frames within', ms(middle(frames, 0.95)));
  const { metrics } = await wire.send('Performance.getMetrics');
  const metric = (name) => metrics.find((one) => one.name === name)?.value ?? 0;
  line('elements on the page afterwards', metric('Nodes'));
  line('JavaScript heap afterwards', `${(metric('JSHeapUsedSize') / 2 ** 20).toFixed(1)} MiB`);
  await page.close();
}

function sizes() {
  const zipped = (name) => gzipSync(readFileSync(new URL(name, assets)), { level: 9 }).length / 1024;
  const of = (end) => readdirSync(assets).filter((name) => name.endsWith(end));
  const total = (names) => names.reduce((sum, name) => sum + zipped(name), 0);
  line('all JavaScript, compressed', `${total(of('.js')).toFixed(1)} KiB in ${of('.js').length} parts`);
  line('all styles, compressed', `${total(of('.css')).toFixed(1)} KiB`);
  line(
    'the player, compressed',
    `${total(of('.js').filter((name) => name.startsWith('play-'))).toFixed(1)} KiB`,
  );
}

try {
  console.log('| What | Measured |\n| --- | --- |');
  sizes();
  await loads('first load', 1);
  await loads(`first load, ${SLOWDOWN} times slower processor`, SLOWDOWN);
  await grid();
} finally {
  await browser.close();
  await mock.close();
}
