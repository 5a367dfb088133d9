// Requests about sites that are published here: apart from the others, since few visits need them.
import { answer, http } from './client';
import type { Opens, Paper } from './own-keys';
import { ApiError, problemOf, unreachable } from './problem';
import type {
  CreatedSite,
  NewChannel,
  OwnSite,
  Problem,
  PublishedSite,
  RefusedFile,
  RestoredSite,
  SiteLine,
  SiteTheme,
} from './shapes';
import { authorization } from './token';

export const ownSites = async (): Promise<OwnSite[]> => (await answer(http.GET('/api/v1/own-sites'))).sites;

export const createSite = (body: NewChannel): Promise<CreatedSite> =>
  answer(http.POST('/api/v1/own-sites', { body }));

/** Looks for the newest version of a site, then makes its keys again. Whoever gives it up may find it made all the same. */
export const restoreSite = (body: Paper, signal: AbortSignal): Promise<RestoredSite> =>
  answer(http.POST('/api/v1/own-sites/restore', { body, signal }));

const of = (id: string) => ({ params: { path: { id } } });

/** Another key signs from then on; it holds once the site is published again. */
export const replaceSiteKey = (id: string, body: Opens): Promise<OwnSite> =>
  answer(http.POST('/api/v1/own-sites/{id}/rotate', { ...of(id), body }));

/** The site goes on under its next key: what is returned is published next. */
export const handOverSite = (id: string, body: Opens): Promise<OwnSite> =>
  answer(http.POST('/api/v1/own-sites/{id}/hand-over', { ...of(id), body }));

/** The secret leaves the server's disk; the words prove that it is on paper. */
export const removeSiteSecret = (id: string, words: string): Promise<OwnSite> =>
  answer(http.DELETE('/api/v1/own-sites/{id}/secret', { ...of(id), body: { words } }));

export const lockSite = (
  id: string,
  { passphrase: old, words }: Opens,
  next: string | null,
): Promise<OwnSite> =>
  answer(http.PUT('/api/v1/own-sites/{id}/passphrase', { ...of(id), body: { old, words, new: next } }));

/** Names a web server that has a copy of the site; it is not asked for anything now. */
export const addSiteMirror = (id: string, url: string): Promise<OwnSite> =>
  answer(http.POST('/api/v1/own-sites/{id}/mirrors', { ...of(id), body: { url } }));

export const removeSiteMirror = (id: string, url: string): Promise<OwnSite> =>
  answer(http.DELETE('/api/v1/own-sites/{id}/mirrors', { ...of(id), body: { url } }));

/** A folder that is no site, with the files to blame. */
export class NotPublished extends ApiError {
  override name = 'NotPublished';
  readonly refused: RefusedFile[];

  constructor(problem: Problem, refused: RefusedFile[]) {
    super(problem);
    this.refused = refused;
  }
}

/** Publishes a folder of the server's, and tells how far that is. Whoever gives it up before it is signed stops it. */
export async function publishSite(
  id: string,
  body: { folder: string; scripts: boolean; theme: SiteTheme | null },
  tell: (news: SiteLine) => void,
  signal: AbortSignal,
): Promise<PublishedSite> {
  const response = await fetch(`/api/v1/own-sites/${encodeURIComponent(id)}/publish`, {
    method: 'POST',
    headers: { ...authorization(), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  }).catch(broken);
  if (!response.ok || response.body === null)
    throw problemOf(response.status, await response.json().catch(() => null));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read().catch(broken);
    if (done) throw unreachable();
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const news = JSON.parse(line) as SiteLine;
      if (news.event === 'published') return news;
      if (news.event === 'failed') throw new NotPublished(news.problem, news.refused);
      tell(news);
    }
  }
}

/** Whoever gave it up knows; else nobody is there. */
function broken(cause: unknown): never {
  throw cause instanceof DOMException && cause.name === 'AbortError' ? cause : unreachable();
}
