// Starts the real program and ends it again: that one process, and no other.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const BINARY = resolve(process.env['KINORA'] ?? join(REPOSITORY, 'target/debug/kinora'));
/** Where the films of the demo are made and kept: a first run takes a minute longer. */
export const FILMS = resolve(process.env['KINORA_DEMO'] ?? join(REPOSITORY, '.demo'));

export interface Program {
  /** The launch link, with the token. */
  url: string;
  origin: string;
  token: string;
  /** Asks it to end, and waits until it has; fails when it ends any other way than properly. */
  end: () => Promise<void>;
}

interface Ready {
  event: string;
  url: string;
  token: string;
}

/** Starts `kinora` with these words and waits until its page can be opened. */
export async function start(words: string[]): Promise<Program> {
  const child = spawn(BINARY, [...words, '--no-open', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const said: string[] = [];
  child.stderr.on('data', (part: Buffer) => said.push(part.toString()));
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<Ready>((resolve) => {
    lines.on('line', (line) => {
      said.push(line);
      const event = JSON.parse(line) as Ready;
      if (event.event === 'ready') resolve(event);
    });
  });
  const early = ended.then(([code]) => {
    throw new Error(`kinora ${words.join(' ')} ended with ${String(code)}:\n${said.join('\n')}`);
  });
  early.catch(() => undefined);
  const { url, token } = await Promise.race([ready, early]);
  return { url, token, origin: new URL(url).origin, end: () => end(child, ended, said) };
}

/** Runs `kinora` with these words to its end; the last line that it printed. */
export async function run(words: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(BINARY, [...words, '--json']);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

async function end(child: ChildProcess, ended: Promise<unknown[]>, said: string[]): Promise<void> {
  child.kill('SIGTERM');
  const [code] = await ended;
  if (code !== 0) throw new Error(`kinora ended with ${String(code)}:\n${said.join('\n')}`);
}
