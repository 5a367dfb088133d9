// Every sentence exists in every language, takes the same values, and is used.
import { FluentBundle, FluentResource } from '@fluent/bundle';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { clock, duration, rate, size } from '../src/words/format';
import { directionOf, negotiate, speak, t } from '../src/words/index.svelte';
import { explain } from '../src/words/problem';

const root = join(import.meta.dirname, '../src');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /\.(ts|svelte)$/.test(path),
);

/** Each sentence of a language with the names of the values it takes. */
function sentences(language: string): Map<string, string[]> {
  const text = read(`words/${language}.ftl`);
  const parts = text.split(/^(?=[a-z][a-z0-9-]* =)/m).filter((part) => /^[a-z]/.test(part));
  return new Map(
    parts.map((part) => [
      /^[a-z0-9-]+/.exec(part)?.[0] ?? '',
      [...new Set([...part.matchAll(/\{\s*\$(\w+)/g)].map((match) => match[1] ?? ''))].sort(),
    ]),
  );
}

const english = sentences('en');

describe('the words', () => {
  it.each(['en', 'fr'])('of %s are well formed', (language) => {
    const bundle = new FluentBundle(language);
    expect(bundle.addResource(new FluentResource(read(`words/${language}.ftl`)))).toEqual([]);
    for (const [id] of english) {
      const errors: Error[] = [];
      const pattern = bundle.getMessage(id)?.value;
      expect(pattern, id).toBeTruthy();
      const values = Object.fromEntries((english.get(id) ?? []).map((name) => [name, 1]));
      if (pattern) bundle.formatPattern(pattern, values, errors);
      expect(errors, id).toEqual([]);
    }
  });

  it('are the same set in both languages, with the same values', () => {
    expect([...sentences('fr')].sort()).toEqual([...english].sort());
  });

  it('exist wherever the page asks for them', () => {
    const asked = files.flatMap((path) =>
      [...read(path).matchAll(/\bt\(\s*'([\w-]+)'/g)].map((match) => match[1] ?? ''),
    );
    expect(asked.length).toBeGreaterThan(150);
    expect(asked.filter((id) => !english.has(id))).toEqual([]);
  });

  it('are all used, by name or as one of a family', () => {
    const code = files.map(read).join('\n');
    const families =
      /^(genre|role|problem|row|kind|step|channel-state|channel-said|convert-step|site-refused|filter-reason|filtered|entry-(about|state|does|means|reason))-/;
    const unused = [...english.keys()].filter((id) => !families.test(id) && !code.includes(`'${id}'`));
    expect(unused).toEqual([]);
  });

  it('never stand in the page itself', () => {
    const bare = files
      .filter((path) => path.endsWith('.svelte'))
      .flatMap((path) => {
        const markup = read(path)
          .replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, '')
          .replaceAll(/<!--[\s\S]*?-->/g, '');
        return [...markup.matchAll(/(?:aria-label|title|placeholder|label)="([A-Z][a-z]+ [^"{]*)"/g)].map(
          (match) => match[1],
        );
      });
    expect(bare).toEqual([]);
  });
});

describe('a language', () => {
  it('is the nearest of those we speak', () => {
    expect(negotiate(['fr-CA', 'en'])).toBe('fr');
    expect(negotiate(['de', 'en-US'])).toBe('en');
    expect(negotiate(['xx'])).toBe('en');
  });

  it('runs from right to left when it is written so', () => {
    expect(directionOf('ar-EG')).toBe('rtl');
    expect(directionOf('fr')).toBe('ltr');
  });
});

describe('numbers in words', () => {
  beforeAll(() => speak(['en']));

  it('say lengths of time as people do', () => {
    expect(duration(95 * 60)).toBe('1 h 35 min');
    expect(duration(3600)).toBe('1 h');
    expect(duration(20)).toBe('1 min');
  });

  it('show a clock with hours only when there are some', () => {
    expect(clock(0)).toBe('0:00');
    expect(clock(65.9)).toBe('1:05');
    expect(clock(3725)).toBe('1:02:05');
    expect(clock(Number.NaN)).toBe('0:00');
    expect(clock(-3)).toBe('0:00');
  });

  it('scale sizes and speeds', () => {
    expect(size(0)).toBe('0 kB');
    expect(size(1_400_000_000)).toBe('1.4 GB');
    expect(rate(3_200_000)).toBe('3.2 MB/s');
  });

  it('follow the language', async () => {
    await speak(['fr']);
    expect(size(1_400_000_000).replaceAll(/\s/g, ' ')).toBe('1,4 Go');
    expect(t('title-count', { count: 2 })).toBe('2 titres');
    await speak(['en']);
  });
});

describe('a failure', () => {
  it('is said in our words when we know its code', () => {
    expect(explain({ problem: { code: 'unreachable', title: '' } }).title).toBe('Kinora does not answer.');
  });

  it('is said in the server’s words when we do not', () => {
    const said = explain({
      problem: { code: 'late', title: 'The answer took too long.', detail: null, hint: 'Try again.' },
    });
    expect(said).toEqual({ title: 'The answer took too long.', text: 'Try again.', code: 'late' });
  });

  it('of an unknown kind still says what to do', () => {
    expect(explain(new Error('x')).text).toContain('kinora doctor');
  });
});
