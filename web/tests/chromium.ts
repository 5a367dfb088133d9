// Starts Chromium for a journey, the same way everywhere: no sandbox to miss in a container, no calls home.
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll } from 'vitest';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Browser {
  context: BrowserContext;
  /** A page whose console errors and broken rules are collected in `complaints`. */
  page: () => Promise<Page>;
  complaints: string[];
  close: () => Promise<void>;
}

let running: ReturnType<typeof chromium.launch> | null = null;

/** One process for all journeys of a file: starting it takes longer than many a journey. */
const started = () =>
  (running ??= chromium.launch({
    executablePath: process.env['KINORA_CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
    headless: true,
  }));

afterAll(async () => {
  await (await running)?.close();
  running = null;
});

/** Gives a browser that remembers nothing of others, and is forgotten at its end. */
export async function launch(options: BrowserContextOptions = {}): Promise<Browser> {
  const context = await (
    await started()
  ).newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    ...options,
  });
  const complaints: string[] = [];
  return {
    context,
    complaints,
    page: async () => {
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => complaints.push(`${error.name}: ${error.message}`));
      return page;
    },
    close: () => context.close(),
  };
}
