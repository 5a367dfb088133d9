// What narrows a list of titles: read from the address, written to it, and said as a sentence.
import type { Filter, Sort } from '../api/client';
import type { Facets } from '../api/shapes';
import { genre, kindName } from '../shelf/facts';
import { languageName } from '../words/format';
import { t } from '../words/index.svelte';

export interface Chip {
  name: 'kind' | 'genre' | 'decade' | 'quality' | 'language' | 'subtitle' | 'licence';
  facet: keyof Facets;
  label: string;
  say: (value: string) => string;
}

export const CHIPS: Chip[] = [
  { name: 'kind', facet: 'kinds', label: 'filter-kind', say: kindName },
  { name: 'genre', facet: 'genres', label: 'filter-genre', say: genre },
  { name: 'decade', facet: 'decades', label: 'filter-decade', say: (value) => t('decade', { year: value }) },
  { name: 'quality', facet: 'qualities', label: 'quality', say: (value) => value },
  { name: 'language', facet: 'languages', label: 'filter-language', say: languageName },
  { name: 'subtitle', facet: 'subtitles', label: 'filter-subtitle', say: languageName },
  { name: 'licence', facet: 'licences', label: 'filter-licence', say: (value) => value },
];

export const SORTS: Sort[] = ['popular', 'added', 'year', 'name'];

export const sortOf = (query: URLSearchParams): Sort =>
  SORTS.find((sort) => sort === query.get('sort')) ?? 'popular';

/** The filter an address stands for. */
export function filterOf(kind: string, query: URLSearchParams): Filter {
  const filter: Filter = { sort: sortOf(query) };
  const channel = query.get('channel');
  if (channel !== null) filter.channel = channel;
  for (const { name } of CHIPS) {
    const value = query.get(name);
    if (value === null) continue;
    if (name === 'decade') filter.decade = Number(value);
    else filter[name] = value;
  }
  // A place that shows one kind shows no other.
  if (kind) filter.kind = kind;
  if (query.get('watched') === 'false') filter.watched = false;
  return filter;
}

/** The address with one thing changed; an empty value takes it out. */
export function apply(hash: string, name: string, value: string | null): string {
  const [path = '', search = ''] = hash.split('?', 2);
  const query = new URLSearchParams(search);
  if (value === null) query.delete(name);
  else query.set(name, value);
  return query.size > 0 ? `${path}?${query}` : path;
}

/** What is shown, as a sentence: `12 titles · Comedy · 1920s`. */
export function sentence(query: URLSearchParams, total: number): string {
  const parts = CHIPS.flatMap(({ name, say }) => {
    const value = query.get(name);
    return value === null
      ? []
      : [name === 'subtitle' ? t('filter-said-subtitle', { language: say(value) }) : say(value)];
  });
  return [t('title-count', { count: total }), ...parts].join(' · ');
}
