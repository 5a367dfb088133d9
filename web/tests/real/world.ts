// Three machines that know each other: a publisher, a follower, and one that only keeps the DHT alive.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start, type Program } from './program';

export interface Machine extends Program {
  /** Where peers reach it. */
  listens: string;
}

export interface World {
  publisher: Machine;
  follower: Machine;
  end: () => Promise<void>;
}

/** Below the ports that systems give to whoever calls out: none of those takes one meanwhile. */
const PORTS = [10_000, 30_000] as const;

/** A port that is free now, for datagrams and for connections. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...PORTS);
    const [datagrams, connections] = [createSocket('udp4'), createServer()];
    datagrams.bind(port, '127.0.0.1');
    connections.listen(port, '127.0.0.1');
    const bound = await Promise.allSettled([once(datagrams, 'listening'), once(connections, 'listening')]);
    datagrams.close();
    connections.close();
    if (bound.every(({ status }) => status === 'fulfilled')) return port;
  }
}

async function machine(folder: string, name: string, listens: string, door: string): Promise<Machine> {
  const settings = join(folder, `${name}.toml`);
  await writeFile(settings, 'starter = false\n');
  const words = ['serve', '--config', settings, '--data-dir', join(folder, name), '--port', '0', '--consent'];
  const near = ['--listen', listens, '--dht-bootstrap', door, '--local', '--no-lsd', '--no-port-mapping'];
  return { ...(await start([...words, ...near])), listens };
}

/** Each enters the DHT through another; the first finds nobody until the second has come. */
export async function world(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-world-'));
  const [one = '', two = '', three = ''] = (await Promise.all([freePort(), freePort(), freePort()])).map(
    (port) => `127.0.0.1:${port}`,
  );
  const keeper = await machine(folder, 'keeper', one, two);
  const publisher = await machine(folder, 'publisher', two, one);
  const follower = await machine(folder, 'follower', three, one);
  return {
    publisher,
    follower,
    end: async () => {
      for (const each of [keeper, publisher, follower]) await each.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
