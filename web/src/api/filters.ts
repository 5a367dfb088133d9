// Filters: their switches, titles that are shown whatever they say, and the entries of one's own.
import { answer, http } from './client';
import type { EntryList, FilterAction, FilterReason } from './shapes';

/** Puts a filter into force, or out of it: it is followed all the same. */
export function setApplied(id: string, on: boolean): Promise<unknown> {
  const path = '/api/v1/channels/{id}/applied' as const;
  const params = { params: { path: { id } } };
  return on ? answer(http.PUT(path, params)) : answer(http.DELETE(path, params));
}

/** Shows a title whatever filters say, or as they say. */
export function setShownAnyway(id: string, on: boolean): Promise<unknown> {
  const path = '/api/v1/titles/{id}/shown-anyway' as const;
  const params = { params: { path: { id } } };
  return on ? answer(http.PUT(path, params)) : answer(http.DELETE(path, params));
}

const of = (id: string) => ({ params: { path: { id } } });

/** Entries of a filter of one's own, from a place in the list on, that have these words. */
export const entries = (id: string, q: string, offset: number): Promise<EntryList> =>
  answer(
    http.GET('/api/v1/own-channels/{id}/marks', {
      params: { path: { id }, query: { q, offset } },
    }),
  );

/** What is said of an entry. */
export interface Verdict {
  action: FilterAction;
  reason: FilterReason | null;
}

/** Puts what a list names into a filter, a thing a line; it goes out with the next version. */
export const enter = (id: string, list: string, verdict: Verdict): Promise<unknown> =>
  answer(
    http.POST('/api/v1/own-channels/{id}/entries', { ...of(id), body: { list, ...verdict, remove: false } }),
  );

/** Takes what a list names off. */
export const takeOff = (id: string, list: string): Promise<unknown> =>
  answer(http.POST('/api/v1/own-channels/{id}/entries', { ...of(id), body: { list, remove: true } }));
