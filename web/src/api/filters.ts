// Filters: their switches, and titles that are shown whatever they say.
import { answer, http } from './client';

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
