// Chapters and small pictures of the film that plays, asked for once the time line is pointed at.
import { scenes as ask } from '../api/scenes';
import type { Scenes } from '../api/shapes';

export interface Moment {
  sheet: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The small picture of a moment, if the title has one. */
export function momentAt(scenes: Scenes | null, time: number): Moment | null {
  const preview = scenes?.previews.find(({ start_s, end_s }) => start_s <= time && time < end_s);
  const sheet = preview === undefined ? undefined : scenes?.sheets[preview.sheet];
  return preview === undefined || sheet === undefined ? null : { ...preview, sheet };
}

/** The name of the chapter that a moment is in. */
export const chapterAt = (scenes: Scenes | null, time: number): string =>
  scenes?.chapters.findLast(({ start_s }) => start_s <= time)?.name ?? '';

export class SceneList {
  known: Scenes | null = $state.raw(null);
  #asked = '';

  /** Asks once for each film; a title without any has empty lists. */
  want(playback: string): void {
    if (this.#asked === playback) return;
    this.#asked = playback;
    this.known = null;
    ask(playback).then(
      (found) => {
        if (this.#asked === playback) this.known = found;
      },
      // It may not be known yet what is in the torrent: the next look asks again.
      () => (this.#asked = ''),
    );
  }
}
