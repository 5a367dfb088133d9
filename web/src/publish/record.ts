// What is said of a film that is published, and how a viewer will see it.
import type { FilmRecord, Kind, LicenceChoice, Master, OwnChannel, Title } from '../api/shapes';

export interface Answers {
  name: string;
  language: string;
  kind: Exclude<Kind, 'series'>;
  year: string;
  synopsis: string;
  genres: string;
  licence: string;
  attribution: string;
  source: string;
  agreed: boolean;
}

/** What a film may be, in the order in which it is asked. */
export const KINDS: Answers['kind'][] = ['film', 'short', 'concert', 'performance', 'lecture', 'newsreel'];

/** Shorter works are usually called so, seconds. */
const SHORT_MAX_S = 40 * 60;

export const blank = (master: Master, language: string): Answers => ({
  name: master.name.replace(/\.[^.]+$/, '').replaceAll(/[._]+/g, ' '),
  language,
  kind: (master.facts.duration_s ?? 0) > SHORT_MAX_S ? 'film' : 'short',
  year: '',
  synopsis: '',
  genres: '',
  licence: '',
  attribution: '',
  source: '',
  agreed: false,
});

const yearOf = (answers: Answers): number | null =>
  /^\d{4}$/.test(answers.year) ? Number(answers.year) : null;

/** Genres as they were typed, with commas between them. */
export const genresOf = (answers: Answers): string[] =>
  answers.genres
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter(Boolean);

/** Everything that has to be said is said. */
export const isWhole = (answers: Answers): boolean =>
  [answers.name, answers.licence, answers.attribution].every((one) => one.trim() !== '') &&
  /^https:\/\/\S+$/.test(answers.source.trim()) &&
  answers.agreed;

export const recordOf = (answers: Answers): FilmRecord => ({
  name: answers.name.trim(),
  language: answers.language,
  kind: answers.kind,
  synopsis: answers.synopsis.trim() || null,
  year: yearOf(answers),
  genres: genresOf(answers),
  licence: answers.licence,
  licence_statement: null,
  attribution: answers.attribution.trim(),
  source: answers.source.trim(),
  agreed: answers.agreed,
});

/** The title as a viewer will see it. */
export function previewOf(
  answers: Answers,
  master: Master,
  channel: OwnChannel,
  licences: LicenceChoice[],
): Title {
  const licence = licences.find((one) => one.spdx === answers.licence);
  return {
    id: 'preview',
    kind: answers.kind,
    name: answers.name,
    year: yearOf(answers),
    runtime_s: master.facts.duration_s,
    poster: master.poster,
    poster_small: master.poster,
    thumbhash: null,
    genres: genresOf(answers),
    licence: licence ?? { spdx: answers.licence, name: answers.licence, url: null },
    audio_languages: master.facts.audio_languages,
    subtitle_languages: [...new Set(master.subtitles.map(({ language }) => language))],
    qualities: master.outgoing.map(({ quality }) => quality),
    favourite: false,
    watched: false,
    progress: null,
    next_label: null,
    channel: channel.id,
    original_name: null,
    synopsis: answers.synopsis.trim() || null,
    backdrop: null,
    people: [],
    countries: [],
    attribution: answers.attribution,
    source: answers.source,
    publisher: channel.publisher,
    provenance: [
      { channel: channel.id, name: channel.name, publisher: channel.publisher, title_id: 'preview' },
    ],
    withdrawn: false,
    filters: [],
    shown_anyway: false,
    releases: master.outgoing.map(({ quality, length, facts }) => ({
      id: quality,
      quality,
      width: facts.width,
      height: facts.height,
      container: facts.container,
      video_codec: facts.video_codec,
      audio_codec: facts.audio_codec,
      audio_languages: facts.audio_languages,
      size_bytes: length,
      on_disk_bytes: length,
      infohash: '',
      magnet: '',
      subtitles: [],
    })),
    seasons: [],
    next_episode_id: null,
  };
}
