// Opens the demo in Chromium and takes the pictures of README.md.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const here = new URL('..', import.meta.url);
const { chromium } = createRequire(new URL('web/package.json', here))('playwright-core');
const pictures = new URL('docs/pictures/', here).pathname;
const [kinora, ...words] = process.argv.slice(2);

const demo = spawn(kinora, ['demo', '--no-open', '--fresh', '--json', ...words], {
  stdio: ['ignore', 'pipe', 'inherit'],
});

async function ready() {
  for await (const line of createInterface({ input: demo.stdout })) {
    const said = JSON.parse(line);
    if (said.event === 'ready') return said;
    if (said.event === 'error') throw new Error(said.message);
  }
  throw new Error('the demo ended before its page was there');
}

/** Every picture in view has been decoded, and nothing moves any more. */
async function settled(page) {
  await page.waitForSelector('main[aria-busy=false] h1', { state: 'attached' });
  await page.waitForFunction(() => {
    const seen = [...document.images].filter((image) => image.getBoundingClientRect().top < innerHeight);
    return seen.every((image) => image.complete && image.naturalWidth > 0);
  });
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))));
}

async function take(page, hash, name) {
  await page.evaluate((to) => (location.hash = to), hash);
  await settled(page);
  await page.screenshot({ path: `${pictures}${name}.png` });
}

async function pictureOfPlaying(page) {
  await page.evaluate(() => (location.hash = '#/play/demo.aurora-standard-time'));
  await page.waitForFunction(() => {
    const video = document.querySelector('video');
    return video && video.currentTime > 7 && video.videoWidth > 0;
  });
  await page.keyboard.press('v');
  // Points at a moment that is on disk: its picture appears above the time line.
  const line = await page.getByRole('slider', { name: 'Position' }).boundingBox();
  await page.mouse.move(line.x + line.width * 0.2, line.y + line.height / 2);
  await page.waitForSelector('[role=slider] video.drawn');
  await settled(page);
  await page.screenshot({ path: `${pictures}player.png` });
}

const browser = await chromium.launch({
  executablePath: process.env.KINORA_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'],
});
try {
  const { url, port, token } = await ready();
  await mkdir(pictures, { recursive: true });
  const consent = await fetch(`http://127.0.0.1:${port}/api/v1/consent`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ given: true }),
  });
  if (!consent.ok) throw new Error(`consent: ${consent.status} ${await consent.text()}`);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  await page.goto(url);
  await take(page, '#/', 'home');
  await take(page, '#/title/demo.the-salt-road', 'title');
  await take(page, '#/title/demo.the-cartographers', 'series');
  await pictureOfPlaying(page);
} finally {
  await browser.close();
  demo.kill('SIGTERM');
}
