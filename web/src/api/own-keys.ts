// Requests about the keys of one's own channels. They come with the place that makes them, and not with the first page.
import { answer, http } from './client';
import type { OwnChannel, Published, Restoration, VouchedChannels, WordsRead } from './shapes';

const of = (id: string) => ({ params: { path: { id } } });

/** The 2048 words that those on paper are taken from. Fetching them says nothing about anybody's own. */
export const wordList = async (): Promise<string[]> =>
  (await answer(http.GET('/api/v1/recovery-words'))).words;

/** Which channel the words bring back; nobody is contacted. */
export const readWords = (words: string): Promise<WordsRead> =>
  answer(http.POST('/api/v1/recovery-words', { body: { words } }));

export interface Paper {
  words: string;
  passphrase: string | null;
  address: string | null;
}

export const restore = (body: Paper): Promise<Restoration> =>
  answer(http.POST('/api/v1/restorations', { body }));

/** What goes on, and what ended and was not forgotten since. */
export const restorations = async (): Promise<Restoration[]> =>
  (await answer(http.GET('/api/v1/restorations'))).restorations;

export const restoration = (id: string): Promise<Restoration> =>
  answer(http.GET('/api/v1/restorations/{id}', of(id)));

export const stopRestoring = (id: string): Promise<unknown> =>
  answer(http.DELETE('/api/v1/restorations/{id}', of(id)));

/** What opens a secret: its passphrase, or the words of one that is not on this computer. */
export interface Opens {
  passphrase: string | null;
  words: string | null;
}

export const replaceKey = (id: string, body: Opens): Promise<OwnChannel> =>
  answer(http.POST('/api/v1/own-channels/{id}/rotate', { ...of(id), body }));

export const handOver = (id: string, body: Opens): Promise<OwnChannel> =>
  answer(http.POST('/api/v1/own-channels/{id}/hand-over', { ...of(id), body }));

export const lock = (
  id: string,
  { passphrase: old, words }: Opens,
  next: string | null,
): Promise<OwnChannel> =>
  answer(http.PUT('/api/v1/own-channels/{id}/passphrase', { ...of(id), body: { old, words, new: next } }));

/** The secret leaves the server's disk; the words prove that it is on paper. */
export const removeSecret = (id: string, words: string): Promise<OwnChannel> =>
  answer(http.DELETE('/api/v1/own-channels/{id}/secret', { ...of(id), body: { words } }));

export const publish = (id: string): Promise<Published> =>
  answer(http.POST('/api/v1/own-channels/{id}/publish', of(id)));

export const claim = (id: string, domain: string | null): Promise<OwnChannel> =>
  answer(http.PUT('/api/v1/own-channels/{id}/domain', { ...of(id), body: { domain } }));

export const askOwnDomain = (id: string): Promise<OwnChannel> =>
  answer(http.POST('/api/v1/own-channels/{id}/domain', of(id)));

/** Names a web server that has a copy of the channel; it is not asked for anything now. */
export const addMirror = (id: string, url: string): Promise<OwnChannel> =>
  answer(http.POST('/api/v1/own-channels/{id}/mirrors', { ...of(id), body: { url } }));

export const removeMirror = (id: string, url: string): Promise<OwnChannel> =>
  answer(http.DELETE('/api/v1/own-channels/{id}/mirrors', { ...of(id), body: { url } }));

/** The channels that one's own names to its followers. */
export const vouches = (id: string): Promise<VouchedChannels> =>
  answer(http.GET('/api/v1/own-channels/{id}/vouches', of(id)));

const ofVouched = (id: string, channel: string) => ({ params: { path: { id, channel } } });

/** Names another channel; what it calls itself is taken if no name is given. */
export const vouch = (id: string, channel: string, name: string | null): Promise<unknown> => {
  const language = document.documentElement.lang || 'en';
  const body = { name, language, languages: [] };
  return answer(http.PUT('/api/v1/own-channels/{id}/vouches/{channel}', { ...ofVouched(id, channel), body }));
};

export const vouchNoMore = (id: string, channel: string): Promise<unknown> =>
  answer(http.DELETE('/api/v1/own-channels/{id}/vouches/{channel}', ofVouched(id, channel)));
