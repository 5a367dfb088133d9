// How the page is built, served while developing, and tested.
import { existsSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Where the development server finds the API: the mock unless told otherwise. */
const api = process.env['KINORA_API'] ?? 'http://127.0.0.1:7878';

/** How long a condition may take to come true where only the machine's speed is at stake. */
const patient = { poll: { timeout: 20_000 } };

/** In continuous integration, what drives a browser has a second try, as in `.config/nextest.toml`; it is printed. */
const retry = process.env['NEXTEST_PROFILE'] === 'ci' ? 1 : 0;

/** Chromium without windows, menus and extensions: the same pages in two thirds of the time. */
const shell = '/usr/bin/chromium-headless-shell';

export default defineConfig({
  plugins: [svelte()],
  // Strangers' sites never see this page's address, and nothing is fetched from outside.
  build: {
    // The browsers of the last two years; older ones would need stand-ins for :dir() and popovers.
    target: ['chrome123', 'firefox125', 'safari17.5'],
    // The content policy allows fonts from our own origin only: nothing is inlined as data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What the first page needs is one file: one request, and compressed together it is a tenth smaller than in thirty.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } } },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': api, '/stream': api, '/image': api, '/subtitle': api },
  },
  test: {
    // Another order each time, whose seed is printed: no file of tests may lean on one before it.
    sequence: { shuffle: { files: true, tests: false } },
    projects: [
      {
        extends: true,
        resolve: { conditions: ['browser'] },
        test: {
          name: 'unit',
          environment: 'happy-dom',
          include: ['src/**/*.test.ts', 'tests/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys',
          environment: 'node',
          include: ['tests/journeys/**/*.test.ts'],
          globalSetup: 'tests/build-once.ts',
          // What must hold in the browser that people have is among the real ones.
          env: existsSync(shell) ? { KINORA_CHROMIUM: process.env['KINORA_CHROMIUM'] ?? shell } : {},
          testTimeout: 120_000,
          hookTimeout: 60_000,
          expect: patient,
          retry,
          // Half of the time goes by in waiting for what a viewer would wait for.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          environment: 'node',
          include: ['tests/real/**/*.test.ts'],
          // The program reads the page from disk while it is a debug build.
          globalSetup: ['tests/build-once.ts', 'tests/real/swarm.ts'],
          testTimeout: 180_000,
          expect: patient,
          retry,
          // The first run makes the films.
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
