// The subtitles a playback offers, and those the viewer brings along.
import type { Playback } from '../api/shapes';
import type { SubtitleTrack } from './state.svelte';
import { BYTES_MAX, decode, parse, type Cue } from './subtitles';

/** The server's subtitles, each fetched when it is chosen. */
export function offeredTracks(playback: Playback): SubtitleTrack[] {
  return playback.subtitles.map(({ id, language, label, url }) => ({
    id,
    language,
    label,
    own: false,
    load: async () => {
      const response = await fetch(url);
      if (!response.ok) throw new Error(String(response.status));
      return parse(await response.text()) ?? [];
    },
  }));
}

/** A file of the viewer's own; none when it holds no subtitles we can read. */
export async function ownTrack(file: File): Promise<SubtitleTrack | null> {
  if (file.size > BYTES_MAX) return null;
  const cues: Cue[] | null = parse(decode(await file.arrayBuffer()));
  if (cues === null) return null;
  return {
    id: `own ${file.name}`,
    language: '',
    label: file.name,
    own: true,
    load: () => Promise.resolve(cues),
  };
}

export const isSubtitleFile = (file: File): boolean => /\.(srt|vtt|ass|ssa)$/i.test(file.name);
