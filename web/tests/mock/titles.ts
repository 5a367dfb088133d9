// Openly licensed and public-domain films the mock server offers; true names, years and licences, made-up sizes.
import type { Card, Episode, Release, Title } from '../../src/api/shapes';

type Row = [
  id: string,
  name: string,
  year: number,
  minutes: number,
  genres: string[],
  licence: keyof typeof LICENCES,
  kind?: Card['kind'],
];

const LICENCES = {
  'CC-BY-3.0': { spdx: 'CC-BY-3.0', name: 'CC BY 3.0', url: 'https://creativecommons.org/licenses/by/3.0/' },
  'CC-BY-4.0': { spdx: 'CC-BY-4.0', name: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
  'CC-BY-NC-SA-3.0': {
    spdx: 'CC-BY-NC-SA-3.0',
    name: 'CC BY-NC-SA 3.0',
    url: 'https://creativecommons.org/licenses/by-nc-sa/3.0/',
  },
  'CC0-1.0': { spdx: 'CC0-1.0', name: 'CC0', url: 'https://creativecommons.org/publicdomain/zero/1.0/' },
  PD: { spdx: 'LicenseRef-PD', name: 'Public domain', url: null },
};

const ROWS: Row[] = [
  ['sintel', 'Sintel', 2010, 15, ['animation', 'fantasy'], 'CC-BY-3.0', 'short'],
  ['big-buck-bunny', 'Big Buck Bunny', 2008, 10, ['animation', 'comedy'], 'CC-BY-3.0', 'short'],
  ['tears-of-steel', 'Tears of Steel', 2012, 12, ['science fiction'], 'CC-BY-3.0', 'short'],
  ['cosmos-laundromat', 'Cosmos Laundromat', 2015, 12, ['animation', 'fantasy'], 'CC-BY-4.0', 'short'],
  ['elephants-dream', 'Elephants Dream', 2006, 11, ['animation', 'experimental'], 'CC-BY-3.0', 'short'],
  ['spring', 'Spring', 2019, 8, ['animation', 'fantasy'], 'CC-BY-4.0', 'short'],
  ['sprite-fright', 'Sprite Fright', 2021, 10, ['animation', 'horror', 'comedy'], 'CC-BY-4.0', 'short'],
  ['charge', 'Charge', 2022, 4, ['animation', 'action'], 'CC-BY-4.0', 'short'],
  ['agent-327', 'Agent 327: Operation Barbershop', 2017, 4, ['animation', 'comedy'], 'CC-BY-4.0', 'short'],
  ['coffee-run', 'Coffee Run', 2020, 3, ['animation'], 'CC-BY-4.0', 'short'],
  ['sita', 'Sita Sings the Blues', 2008, 82, ['animation', 'music', 'romance'], 'CC0-1.0'],
  ['night-living-dead', 'Night of the Living Dead', 1968, 96, ['horror'], 'PD'],
  ['nosferatu', 'Nosferatu', 1922, 94, ['horror', 'silent'], 'PD'],
  ['the-general', 'The General', 1926, 79, ['comedy', 'silent'], 'PD'],
  ['trip-to-the-moon', 'A Trip to the Moon', 1902, 13, ['science fiction', 'silent'], 'PD', 'short'],
  ['metropolis', 'Metropolis', 1927, 149, ['science fiction', 'silent'], 'PD'],
  ['caligari', 'The Cabinet of Dr. Caligari', 1920, 77, ['horror', 'silent'], 'PD'],
  ['safety-last', 'Safety Last!', 1923, 74, ['comedy', 'silent'], 'PD'],
  ['charade', 'Charade', 1963, 113, ['mystery', 'romance'], 'PD'],
  ['his-girl-friday', 'His Girl Friday', 1940, 92, ['comedy', 'romance'], 'PD'],
  ['the-kid', 'The Kid', 1921, 53, ['comedy', 'drama', 'silent'], 'PD'],
  ['detour', 'Detour', 1945, 68, ['crime', 'drama'], 'PD'],
  ['caminandes', 'Caminandes', 2013, 2, ['animation', 'comedy'], 'CC-BY-3.0', 'series'],
  ['pioneer-one', 'Pioneer One', 2010, 35, ['science fiction', 'drama'], 'CC-BY-NC-SA-3.0', 'series'],
];

const SYNOPSES: Record<string, string> = {
  sintel:
    'A lonely young woman nurses a wounded dragon back to health. When it is taken from her, she sets out across snow and desert to find it again, and does not notice how much time the search has cost her.',
  metropolis:
    'In a city of towers the masters live in the light and the workers under the ground. The son of the ruler follows a woman down to the machines, and the machine that is made to look like her turns both worlds against each other.',
  'big-buck-bunny':
    'A large and gentle rabbit has a fine morning until three small rodents spoil it. His answer is slow, thorough and involves a great many sharpened sticks.',
};

const EPISODES: Record<string, string[][]> = {
  caminandes: [['Llama Drama', 'Gran Dillama'], ['Llamigos']],
  'pioneer-one': [
    [
      'Earthfall',
      'The Man From Mars',
      'Alone in the Night',
      'Triangular Diplomacy',
      'Sea Change',
      'War of the World',
    ],
  ],
};

const SUBTITLES = [
  { id: 'en', language: 'en', label: null, format: 'vtt' },
  { id: 'fr', language: 'fr', label: null, format: 'srt' },
  { id: 'ar', language: 'ar', label: null, format: 'srt' },
];

const hex = (seed: string): string =>
  Array.from(seed.padEnd(20, '.').slice(0, 20))
    .map((char) => char.charCodeAt(0).toString(16).padStart(2, '0'))
    .join('');

function release(item: string, quality: string, minutes: number): Release {
  const height = Number.parseInt(quality);
  const bytesPerMinute = height === 1080 ? 30_000_000 : 11_000_000;
  return {
    id: `${item}-${quality}`,
    quality,
    width: Math.round((height * 16) / 9),
    height,
    container: 'mp4',
    video_codec: height === 1080 ? 'h264' : 'vp9',
    audio_codec: 'aac',
    audio_languages: ['en'],
    size_bytes: minutes * bytesPerMinute,
    on_disk_bytes: height === 1080 ? 0 : Math.round(minutes * bytesPerMinute * 0.4),
    infohash: hex(`${item}-${quality}`),
    magnet: `magnet:?xt=urn:btih:${hex(`${item}-${quality}`)}&dn=${item}`,
    subtitles: SUBTITLES,
  };
}

function episode(title: string, season: number, number: number, name: string, minutes: number): Episode {
  const id = `${title}-s${season}e${number}`;
  return {
    id,
    season,
    number,
    name,
    synopsis: null,
    runtime_s: minutes * 60,
    still: null,
    releases: [release(id, '720p', minutes)],
    progress: null,
    watched: false,
  };
}

const POSTERS = new Set([
  'sintel',
  'big-buck-bunny',
  'metropolis',
  'cosmos-laundromat',
  'nosferatu',
  'spring',
  'charade',
]);

function title(row: Row): Title {
  const [id, name, year, minutes, genres, licence, kind = 'film'] = row;
  const picture = POSTERS.has(id);
  const seasons = (EPISODES[id] ?? []).map((names, at) => ({
    number: at + 1,
    name: null,
    episodes: names.map((episodeName, index) => episode(id, at + 1, index + 1, episodeName, minutes)),
  }));
  return {
    id,
    kind,
    name,
    year,
    runtime_s: kind === 'series' ? null : minutes * 60,
    poster: picture ? `/image/${id}/poster.jpg` : null,
    poster_small: picture ? `/image/${id}/poster.jpg` : null,
    thumbhash: picture ? '3OcRJYB4d3h/iIeHeEh3eIhw+j3A' : null,
    genres,
    licence: LICENCES[licence],
    audio_languages: genres.includes('silent') ? [] : ['en'],
    subtitle_languages: ['en', 'fr', 'ar'],
    qualities: kind === 'series' ? ['720p'] : ['1080p', '720p'],
    favourite: false,
    watched: false,
    progress: null,
    next_label: null,
    channel: null,
    original_name: id === 'caligari' ? 'Das Cabinet des Dr. Caligari' : null,
    synopsis: SYNOPSES[id] ?? null,
    backdrop: picture ? `/image/${id}/backdrop.jpg` : null,
    people:
      id === 'sintel'
        ? [
            { name: 'Colin Levy', role: 'director' },
            { name: 'Jan Morgenstern', role: 'composer' },
          ]
        : [],
    countries: id === 'metropolis' || id === 'nosferatu' ? ['DE'] : ['NL'],
    attribution:
      licence === 'PD' ? 'No attribution needed: in the public domain.' : `© ${year}, the makers of ${name}`,
    source: `https://archive.org/details/${id}`,
    publisher: licence === 'PD' ? 'Internet Archive' : 'Blender Foundation',
    provenance: [],
    withdrawn: false,
    filters: [],
    shown_anyway: false,
    releases: kind === 'series' ? [] : [release(id, '1080p', minutes), release(id, '720p', minutes)],
    seasons,
    next_episode_id: seasons[0]?.episodes[0]?.id ?? null,
  };
}

/** A fresh set of titles, so that one test's favourites are not another's. */
export const titles = (): Title[] => ROWS.map(title);
