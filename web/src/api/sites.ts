// Requests about the sites of others that few visits need.
import { answer, http } from './client';
import type { Site } from './shapes';

const of = (id: string) => ({ params: { path: { id } } });

/** Takes updates again although the site's key signed two different versions. */
export const forgiveSite = (id: string): Promise<Site> =>
  answer(http.POST('/api/v1/sites/{id}/forgiven', of(id)));

/** Notes whether one goes along with a site that moved: the address that is opened in its place, or none. */
export const goAlong = (id: string, address: string | null): Promise<unknown> =>
  answer(http.PUT('/api/v1/sites/{id}/successor', { ...of(id), body: { address } }));

/** Is asked again. */
export const askAgain = (id: string): Promise<unknown> =>
  answer(http.DELETE('/api/v1/sites/{id}/successor', of(id)));
