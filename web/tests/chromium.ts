// Starts Chromium for a journey, the same way everywhere: no sandbox to miss in a container, no calls home.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

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

/** Starts a browser with an empty profile, which is deleted again at the end. */
export async function launch(options: BrowserContextOptions = {}): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'kinora-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['KINORA_CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
    headless: true,
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
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
