// @vitest-environment node
// The frame around a site: the port that it hands to the page inside, and what may be asked through it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const FILE = new URL('../../crates/app/src/sites/frame.js', import.meta.url);
const SCRIPT = readFileSync(fileURLToPath(FILE), 'utf8');
const SITE = 'http://key.site.localhost:7';

/** One end of a port, as far as the script uses it. */
class Port {
  onmessage: ((event: { data: unknown }) => Promise<void>) | null = null;
  closed = false;
  told: unknown[] = [];
  close() {
    this.closed = true;
  }
  postMessage(what: unknown) {
    this.told.push(what);
  }
}

/** What the page inside was sent: the message, for which origin, and the other end of the port. */
interface Handed {
  message: unknown;
  origin: string;
  port: Port;
}

interface Shell {
  handed: Handed[];
  frame: { src: string };
  asked: URLSearchParams[];
  /** A page was loaded in the frame. */
  load: () => void;
  /** Sends what a stranger sends, and gives what came back. */
  send: (data: unknown) => Promise<unknown>;
  port: () => Port;
}

let now = 0;
let isPressed = false;
let answer: () => unknown = () => ({ result: { total: 0, titles: [] } });

/** The script in a frame around a site whose scripts run, or do not. */
function shell(scripts: boolean): Shell {
  const handed: Handed[] = [];
  const asked: URLSearchParams[] = [];
  const near: Port[] = [];
  const frame = {
    src: `${SITE}/`,
    dataset: { port: SITE },
    matches: (selector: string) => scripts && selector === 'iframe[data-port]',
    contentWindow: {
      postMessage: (message: unknown, origin: string, ports: Port[]) => {
        const port = ports[0];
        if (port) handed.push({ message, origin, port });
      },
    },
  };
  let loaded: (event: { target: unknown }) => void = () => undefined;
  const form = { hidden: false, elements: { token: { value: 'proof' } } };
  const globals = {
    document: {
      querySelector: () => form,
      documentElement: { lang: 'fr' },
      hidden: false,
      addEventListener: (_: string, listener: typeof loaded) => (loaded = listener),
    },
    navigator: {
      get userActivation() {
        return { isActive: isPressed };
      },
    },
    performance: { now: () => now },
    matchMedia: () => ({ matches: true }),
    setTimeout: () => 0,
    MessageChannel: class {
      port1 = new Port();
      port2 = new Port();
      constructor() {
        near.push(this.port1);
      }
    },
    fetch: (path: string, { body }: { body: string }) => {
      expect(path).toBe('/.ask');
      asked.push(new URLSearchParams(body));
      return Promise.resolve({ ok: true, json: () => Promise.resolve(answer()) });
    },
  };
  const names = Object.keys(globals);
  // The script is one of ours, read from the repository.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const run = new Function(...names, SCRIPT) as (...values: unknown[]) => void;
  run(...Object.values(globals));
  const port = () => {
    const last = near.at(-1);
    if (!last) throw new Error('no port');
    return last;
  };
  return {
    handed,
    frame,
    asked,
    port,
    load: () => loaded({ target: frame }),
    send: async (data) => {
      const to = port();
      const before = to.told.length;
      await to.onmessage?.({ data });
      return to.told.length > before ? to.told.at(-1) : 'nothing';
    },
  };
}

beforeEach(() => {
  now = 0;
  isPressed = false;
  answer = () => ({ result: { total: 0, titles: [] } });
});
afterEach(() => vi.restoreAllMocks());

describe('the port of a site', () => {
  it('is handed to the origin of the site alone, anew for each page, and to none without scripts', () => {
    const without = shell(false);
    without.load();
    expect(without.handed).toEqual([]);

    const own = shell(true);
    own.load();
    const first = own.port();
    own.load();
    expect(own.handed.map(({ message, origin }) => [message, origin])).toEqual([
      [{ kinora: 1 }, SITE],
      [{ kinora: 1 }, SITE],
    ]);
    expect([first.closed, own.port().closed]).toEqual([true, false]);
  });

  it('asks what was meant and nothing that was put beside it', async () => {
    const own = shell(true);
    own.load();
    const params = { text: 'a & b', limit: 5, channel: 'other', sql: 'SELECT', toString: 1 };
    expect(await own.send({ id: 1, method: 'catalogue.query', params })).toEqual({
      id: 1,
      result: { total: 0, titles: [] },
    });
    const sent = own.asked[0];
    expect(sent?.get('token')).toBe('proof');
    expect(JSON.parse(sent?.get('ask') ?? '')).toEqual({
      method: 'catalogue.query',
      params: { text: 'a & b', limit: 5 },
    });
    expect(await own.send({ id: 2, method: 'catalogue.query' })).toMatchObject({ id: 2 });
    expect(JSON.parse(own.asked[1]?.get('ask') ?? '')).toEqual({ method: 'catalogue.query', params: {} });
  });

  it('tells how the reader wants pages to look, and nothing else of them', async () => {
    const own = shell(true);
    own.load();
    const told = await own.send({ id: 1, method: 'settings.theme' });
    expect(told).toEqual({ id: 1, result: { scheme: 'dark', language: 'fr' } });
    expect(own.asked).toEqual([]);
  });

  it('leads to a film after a press alone, to the page that says where to', async () => {
    const own = shell(true);
    own.load();
    answer = () => ({ result: { address: 'kinora:key.the-end' } });
    const play = { id: 1, method: 'play', params: { id: 'the-end' } };
    expect(await own.send(play)).toEqual({ id: 1, error: 'needs_press' });
    expect([own.asked.length, own.frame.src]).toEqual([0, `${SITE}/`]);
    isPressed = true;
    expect(await own.send(play)).toEqual({ id: 1, result: null });
    expect(own.frame.src).toBe(`${SITE}/.leave?to=kinora%3Akey.the-end`);
    own.frame.src = `${SITE}/`;
    answer = () => ({ error: 'title_unknown' });
    expect(await own.send(play)).toEqual({ id: 1, error: 'title_unknown' });
    expect(own.frame.src).toBe(`${SITE}/`);
  });

  it('leads back to the page that the visitor was on, as far as the frame or that page knows', async () => {
    const own = shell(true);
    own.frame.src = `${SITE}/films/first.html?a#b`;
    isPressed = true;
    answer = () => ({ result: { address: 'kinora:key.the-end' } });
    const play = (more: object = {}) =>
      own.send({ id: 1, method: 'play', params: { id: 'the-end', ...more } });
    own.load();
    await play();
    expect(own.frame.src).toBe(`${SITE}/.leave?from=%2Ffilms%2Ffirst.html&to=kinora%3Akey.the-end`);
    // Pages that others led to are known to themselves alone; what they say goes to nobody but the page that leads out.
    own.load();
    await play();
    expect(own.frame.src).toBe(`${SITE}/.leave?to=kinora%3Akey.the-end`);
    own.load();
    await play({ from: '/next.html' });
    expect(own.frame.src).toBe(`${SITE}/.leave?from=%2Fnext.html&to=kinora%3Akey.the-end`);
    expect(own.asked.every((one) => !String(one.get('ask')).includes('from'))).toBe(true);
    expect(await play({ from: 'x'.repeat(201) })).toEqual({ id: 1, error: 'bad_request' });
  });

  it('leads nobody who has gone on to another page meanwhile', async () => {
    const own = shell(true);
    own.load();
    isPressed = true;
    answer = () => {
      own.load();
      return { result: { address: 'kinora:key.the-end' } };
    };
    await own.send({ id: 1, method: 'play', params: { id: 'the-end' } });
    expect(own.frame.src).toBe(`${SITE}/`);
  });

  it('answers what is no question with a word, or not at all, and never asks it', async () => {
    const own = shell(true);
    own.load();
    const deep: Record<string, unknown> = {};
    deep['self'] = deep;
    const giant = 'x'.repeat(1 << 22);
    for (const data of [undefined, null, 7, 'query', [], {}, deep, { id: 'a' }, { id: 1.5 }, { id: giant }]) {
      now += 1000;
      expect(await own.send(data)).toBe('nothing');
    }
    for (const method of [
      undefined,
      'eval',
      '__proto__',
      'toString',
      giant,
      deep,
      { toString: 1 },
      ['play'],
    ]) {
      now += 1000;
      expect(await own.send({ id: 1, method, params: {} })).toEqual({ id: 1, error: 'unknown_method' });
    }
    const wrong = [
      null,
      [],
      'a',
      { text: giant },
      { text: 7 },
      { limit: '5' },
      { limit: -1 },
      { limit: 0.5 },
    ];
    for (const params of [...wrong, { offset: Infinity }, { kind: ['film'] }, { language: deep }]) {
      now += 1000;
      const told = await own.send({ id: 1, method: 'catalogue.query', params });
      expect(told).toEqual({ id: 1, error: 'bad_request' });
    }
    expect(own.asked).toEqual([]);
  });

  it('says so when the program has ended or answers nonsense', async () => {
    const own = shell(true);
    own.load();
    answer = () => {
      throw new Error('ended');
    };
    const told = await own.send({ id: 1, method: 'title.get', params: { id: 'a' } });
    expect(told).toEqual({ id: 1, error: 'failed' });
    isPressed = true;
    answer = () => ({});
    const played = await own.send({ id: 2, method: 'play', params: { id: 'a' } });
    expect(played).toEqual({ id: 2, error: 'failed' });
  });

  it('is deaf to a flood, and loading the page again gives no more questions', async () => {
    const own = shell(true);
    own.load();
    const ask = { id: 1, method: 'catalogue.query', params: {} };
    const tell = async () => (await own.send(ask)) as { error?: string };
    for (let each = 0; each < 20; each++) expect((await tell()).error).toBeUndefined();
    expect((await tell()).error).toBe('too_many');
    own.load();
    expect((await tell()).error).toBe('too_many');
    now += 1000;
    for (let each = 0; each < 10; each++) expect((await tell()).error).toBeUndefined();
    for (let each = 0; each < 199; each++) expect((await tell()).error).toBe('too_many');
    expect(own.port().closed).toBe(false);
    await own.send('a word that is no question');
    expect(own.port().closed).toBe(true);
    expect(own.asked.length).toBe(30);
  });
});
