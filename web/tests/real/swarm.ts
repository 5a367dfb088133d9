// One demo for all of these journeys: its films, its tracker, its seeds and its cinema.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { FILMS, start } from './program';

export interface Demo {
  /** The launch link of the demo's own cinema. */
  url: string;
  origin: string;
  token: string;
  /** The catalogue file, which names the tracker of this run. */
  catalogue: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    demo: Demo;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const program = await start(['demo', '--quick', '--fresh', '--dir', FILMS]);
  const { url, origin, token } = program;
  project.provide('demo', { url, origin, token, catalogue: await latestCatalogue() });
  return program.end;
}

/** The catalogue that was written last: those of earlier programmes may lie beside it. */
async function latestCatalogue(): Promise<string> {
  const programmes = (await readdir(FILMS)).filter((name) => name.startsWith('quick-'));
  const paths = programmes.map((name) => join(FILMS, name, 'catalogue.json'));
  const dated = await Promise.all(paths.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
  dated.sort((one, other) => other.at - one.at);
  return dated[0]?.path ?? '';
}
