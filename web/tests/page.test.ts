// Addresses, the token, drops, events, drawn posters, colours: the small things the page decides.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { channelIn, checked, magnetIn } from '../src/actions/add-torrent';
import { followLink, playLink } from '../src/actions/links';
import { parseEvents } from '../src/api/events';
import { takeToken, token } from '../src/api/token';
import { apply, filterOf } from '../src/browse/filter';
import { parse } from '../src/routes';
import { contactOf, isWord, places } from '../src/publish/words';
import { artFor, longestPart } from '../src/ui/art';
import { distance } from '../src/ui/focus';
import { nextEpisode } from '../src/title/episodes';
import type { Title } from '../src/api/shapes';

describe('an address', () => {
  it('leads to its place', () => {
    expect(parse('')).toEqual({ place: 'home' });
    expect(parse('#/title/a%2Fb')).toEqual({ place: 'title', id: 'a/b' });
    expect(parse('#/films?genre=comedy')).toMatchObject({ place: 'browse', kind: 'film' });
    expect(parse('#/search?q=moon')).toEqual({ place: 'search', q: 'moon' });
    expect(parse('#/settings')).toEqual({ place: 'settings' });
  });

  it('that is wrong leads nowhere, and breaks nothing', () => {
    expect(parse('#/what').place).toBe('nowhere');
    expect(parse('#/title').place).toBe('nowhere');
    expect(parse('#/title/%E0%A4%A').place).toBe('title');
  });

  it('of a channel survives its own question marks', () => {
    const address = `kinora:${'y'.repeat(52)}?x.pe=192.0.2.7:6881&x.pe=[2001:db8::1]:6881`;
    expect(parse(followLink(address))).toEqual({ place: 'follow', address });
    expect(parse(`#/follow/${address}`)).toEqual({ place: 'follow', address });
    expect(channelIn(`Look: ${address} !`)).toBe(address);
    expect(channelIn(`(It is ${address}.the-end.)`)).toBe(`${address}.the-end`);
    expect(channelIn(`magnet:?dn=x&xs=urn:btpk:${'0'.repeat(64)}`)).toContain('urn:btpk:');
    expect(channelIn('magnet:?xt=urn:btih:0123456789012345678901234567890123456789')).toBeNull();
  });

  it('of a player is read back as it was written', () => {
    const route = parse(playLink('a b', { release: 'r/1', from: 0 }));
    expect(route).toMatchObject({ place: 'play', item: 'a b' });
    expect(route.place === 'play' && [...route.query]).toEqual([
      ['release', 'r/1'],
      ['from', '0'],
    ]);
  });

  it('carries the filters of a list', () => {
    const hash = apply(apply('#/films', 'genre', 'comedy'), 'sort', 'year');
    expect(hash).toBe('#/films?genre=comedy&sort=year');
    expect(apply(hash, 'genre', null)).toBe('#/films?sort=year');
    expect(filterOf('film', new URLSearchParams('genre=comedy&sort=nonsense'))).toEqual({
      kind: 'film',
      genre: 'comedy',
      sort: 'popular',
    });
  });
});

describe('the words of a channel', () => {
  it('are asked for in places that differ, and forgive case and spaces', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const asked = places(24, () => ((seed * 37) % 100) / 100);
      expect(new Set(asked).size).toBe(3);
      expect(asked.every((at) => at >= 0 && at < 24)).toBe(true);
    }
    expect(isWord(' Abandon ', 'abandon')).toBe(true);
    expect(isWord('abandons', 'abandon')).toBe(false);
    expect(isWord('', undefined)).toBe(false);
  });

  it('stand beside a contact that a browser can open', () => {
    expect(contactOf(' rights@example.org ')).toBe('mailto:rights@example.org');
    expect(contactOf('https://example.org/a@b')).toBe('https://example.org/a@b');
    expect(contactOf('mailto:a@example.org')).toBe('mailto:a@example.org');
  });
});

describe('the token', () => {
  beforeEach(() => sessionStorage.clear());

  it('moves from the address to this tab', () => {
    location.hash = '#token=abc123';
    takeToken();
    expect(token()).toBe('abc123');
    expect(location.href).not.toContain('abc123');
  });

  it('leaves the place behind it in the address', () => {
    location.hash = '#token=abc&/title/x';
    takeToken();
    expect(location.hash).toBe('#/title/x');
  });
});

describe('what is dropped', () => {
  it('is searched for a magnet link', () => {
    expect(magnetIn('look: magnet:?xt=urn:btih:0123&dn=x here')).toBe('magnet:?xt=urn:btih:0123&dn=x');
    expect(magnetIn('magnet:?dn=x&xt=urn:btmh:1220ab')).toBe('magnet:?dn=x&xt=urn:btmh:1220ab');
    expect(magnetIn('magnet:?dn=nothing')).toBeNull();
  });

  it('is refused when it cannot be a torrent', () => {
    expect(checked(new File(['x'], 'film.mp4'))).toBe('not-a-torrent');
    expect(checked(new File([new Uint8Array(10 * 1024 * 1024 + 1)], 'a.torrent'))).toBe('too-large');
    expect(checked(new File(['d1:ae'], 'a.TORRENT'))).toBeInstanceOf(File);
  });
});

describe('the stream of events', () => {
  it('is read block by block, keeping what is unfinished', () => {
    const { events, remainder } = parseEvents(
      ': hello\n\nevent: x\r\ndata: {"type":\r\ndata: "library"}\r\n\r\ndata: {"ty',
    );
    expect(events).toEqual([{ type: 'library' }]);
    expect(remainder).toBe('data: {"ty');
  });

  it('skips what it cannot read', () => {
    expect(parseEvents('data: nonsense\n\ndata: 3\n\n').events).toEqual([]);
  });
});

describe('a drawn poster', () => {
  it('is always the same for a title, and rarely for two', () => {
    expect(artFor('sintel')).toEqual(artFor('sintel'));
    const drawn = Array.from({ length: 200 }, (_, at) => JSON.stringify(artFor(`title-${at}`)));
    expect(new Set(drawn).size).toBeGreaterThan(195);
  });

  it('sets a name as large as its longest part allows, in scripts without spaces too', () => {
    expect(longestPart('The General')).toBe(7);
    expect(longestPart('千と千尋の神隠し')).toBe(1);
    expect(longestPart('Ran 乱 1985')).toBe(4);
    expect(longestPart('')).toBe(0);
  });
});

describe('an arrow key', () => {
  const box = (left: number, top: number) => ({ left, top, right: left + 10, bottom: top + 10 });

  it('prefers what is straight ahead to what is near but aside', () => {
    expect(distance(box(0, 0), box(40, 0), 'right')).toBeLessThan(distance(box(0, 0), box(12, 30), 'right'));
    expect(distance(box(0, 0), box(0, 60), 'down')).toBeLessThan(distance(box(0, 0), box(60, 12), 'down'));
  });

  it('never goes back', () => {
    expect(distance(box(20, 0), box(0, 0), 'right')).toBe(Infinity);
  });
});

describe('a series', () => {
  const episode = (id: string, watched: boolean) => ({ id, watched, season: 1 });
  const series = (next: string | null, watched: boolean[]) =>
    ({
      next_episode_id: next,
      seasons: [{ number: 1, episodes: watched.map((seen, at) => episode(`e${at}`, seen)) }],
    }) as unknown as Title;

  it('goes on with what the server says, else the first not seen, else the first', () => {
    expect(nextEpisode(series('e2', [true, false, false]))?.id).toBe('e2');
    expect(nextEpisode(series(null, [true, false, false]))?.id).toBe('e1');
    expect(nextEpisode(series(null, [true, true]))?.id).toBe('e0');
    expect(nextEpisode(series(null, []))).toBeNull();
  });
});

/** Relative luminance of sRGB, as WCAG 2 defines it. */
function luminance([red = 0, green = 0, blue = 0]: number[]): number {
  const [r = 0, g = 0, b = 0] = [red, green, blue].map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: number[], b: number[]): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(['dark', 'light'])('the %s colours', (theme) => {
  const css = readFileSync(join(import.meta.dirname, '../src/ui/tokens.css'), 'utf8');
  const block = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  const colour = (name: string): number[] => {
    const value = new RegExp(`--${name}: #([0-9a-f]{6})`).exec(block)?.[1] ?? '';
    return [0, 2, 4].map((at) => Number.parseInt(value.slice(at, at + 2), 16));
  };
  const scrim = Number(/--scrim: ([\d.]+)/.exec(css)?.[1]);

  it.each([
    ['text', 'bg'],
    ['muted', 'bg'],
    ['muted', 'raised'],
    ['accent-text', 'bg'],
    ['danger', 'bg'],
    ['teal', 'bg'],
    ['good', 'bg'],
    ['on-accent', 'accent'],
  ])('make %s readable on %s', (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it('show the ring of the focus and the edges of controls', () => {
    expect(contrast(colour('ring'), colour('bg'))).toBeGreaterThanOrEqual(3);
    expect(contrast(colour('line-strong'), colour('bg'))).toBeGreaterThanOrEqual(3);
  });

  it('keep words readable over any backdrop', () => {
    for (const picture of [0, 255]) {
      const mixed = colour('bg').map((part) => part * scrim + picture * (1 - scrim));
      expect(contrast(colour('text'), mixed)).toBeGreaterThanOrEqual(4.5);
    }
  });
});
