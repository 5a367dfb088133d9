// A household of its own that watches from the demo's swarm: a server with an empty folder, to be closed and opened again.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { start, type Program } from './program';

export interface Household {
  open: () => Promise<Program>;
  /** Deletes everything it kept. */
  forget: () => Promise<void>;
}

export async function household(): Promise<Household> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-household-'));
  // The starter channel would bring titles that are not in this swarm.
  const settings = join(folder, 'settings.toml');
  await writeFile(settings, 'starter = false\n');
  const words = [
    'serve',
    '--config',
    settings,
    '--data-dir',
    folder,
    '--catalogue',
    inject('demo').catalogue,
  ];
  const near = [
    '--port',
    '0',
    '--listen',
    '127.0.0.1:0',
    '--local',
    '--no-dht',
    '--no-lsd',
    '--no-port-mapping',
  ];
  return {
    open: () => start([...words, ...near]),
    forget: () => rm(folder, { recursive: true, force: true }),
  };
}
