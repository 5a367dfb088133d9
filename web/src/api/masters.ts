// Requests about films that are published here: apart from the others, since few visits need them.
import { answer, http } from './client';
import { problemOf, unreachable } from './problem';
import type { FilmRecord, LicenceChoice, Master, Offer } from './shapes';
import { authorization } from './token';

const of = (id: string) => ({ params: { path: { id } } });

export const licences = async (): Promise<LicenceChoice[]> =>
  (await answer(http.GET('/api/v1/licences'))).licences;

export const masters = async (): Promise<Master[]> => (await answer(http.GET('/api/v1/masters'))).masters;

export const master = (id: string): Promise<Master> => answer(http.GET('/api/v1/masters/{id}', of(id)));

export const takeMaster = (path: string): Promise<Master> =>
  answer(http.POST('/api/v1/masters', { body: { path } }));

export const removeMaster = (id: string): Promise<unknown> =>
  answer(http.DELETE('/api/v1/masters/{id}', of(id)));

export const frames = async (id: string): Promise<string[]> =>
  (await answer(http.GET('/api/v1/masters/{id}/frames', of(id)))).frames;

export const chooseFrame = (id: string, frame: number): Promise<Master> =>
  answer(http.POST('/api/v1/masters/{id}/frames', { ...of(id), body: { frame } }));

/** What becomes of a film that its channel has already: the title that is changed, or one more. */
export type IfThere = { update: string } | { again: true };

export const publishMaster = (
  id: string,
  channel: string,
  film: FilmRecord,
  ifThere?: IfThere,
): Promise<Master> =>
  answer(http.POST('/api/v1/masters/{id}/publish', { ...of(id), body: { channel, film, ...ifThere } }));

/** Makes a poster of a picture file. */
export const setPoster = (id: string, file: Blob): Promise<Master> =>
  upload(`/api/v1/masters/${encodeURIComponent(id)}/poster`, 'PUT', file);

/** Sends a film, and tells how much of it has gone. */
export const sendMaster = (
  file: File,
  tell: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Master> =>
  upload(`/api/v1/masters/file?name=${encodeURIComponent(file.name)}`, 'POST', file, tell, signal);

/** What ffmpeg can make of a film. */
export const offer = (id: string): Promise<Offer> =>
  answer(http.GET('/api/v1/masters/{id}/conversion', of(id)));

/** Has ffmpeg make these qualities; none leaves the film as it is, and makes what goes beside it. */
export const convert = (id: string, qualities: string[], levelSound: boolean): Promise<Master> =>
  answer(
    http.POST('/api/v1/masters/{id}/conversion', {
      ...of(id),
      body: { qualities, level_sound: levelSound },
    }),
  );

export const stopConversion = (id: string): Promise<Master> =>
  answer(http.DELETE('/api/v1/masters/{id}/conversion', of(id)));

/** Adds a subtitle file, whose name may say its language. */
export function addSubtitle(id: string, file: File, language: string): Promise<Master> {
  const query = new URLSearchParams({ name: file.name });
  if (language) query.set('language', language);
  return upload(`/api/v1/masters/${encodeURIComponent(id)}/subtitles?${query.toString()}`, 'PUT', file);
}

export const removeSubtitle = (id: string, subtitle: string): Promise<Master> =>
  answer(http.DELETE('/api/v1/masters/{id}/subtitles/{subtitle}', { params: { path: { id, subtitle } } }));

/** Sends a file. Only the old way of asking tells how far it is. */
function upload<T>(
  path: string,
  method: string,
  file: Blob,
  tell: (fraction: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => tell(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const body: unknown = parsed(request.responseText);
      if (request.status < 300) resolve(body as T);
      else reject(problemOf(request.status, body));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'));
    signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
