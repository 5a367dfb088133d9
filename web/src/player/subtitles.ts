// Subtitles as text: WebVTT, SubRip and ASS become the same cues. Markup is taken out, never shown and never run.

export interface Cue {
  start: number;
  end: number;
  text: string;
  /** Drawn at the top of the picture, because the bottom is in use. */
  top: boolean;
}

/** Larger files are not subtitles. */
export const BYTES_MAX = 8 * 1024 * 1024;
const CUES_MAX = 50_000;

/** Decodes a file: by its mark, else as UTF-8, else as the Western code page old files use. */
export function decode(bytes: ArrayBuffer): string {
  const head = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Reads any of the three formats; none when the text is none of them. */
export function parse(text: string): Cue[] | null {
  const clean = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const cues = /^\[Events\]/im.test(clean) ? parseAss(clean) : parseBlocks(clean);
  if (cues.length === 0) return null;
  return cues.slice(0, CUES_MAX).sort((a, b) => a.start - b.start);
}

const CLOCK = String.raw`(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?`;
const TIMES = new RegExp(`${CLOCK}\\s*-->\\s*${CLOCK}(.*)`);

/** Seconds from the parts of a clock: hours, minutes, seconds, and a fraction of any length. */
function seconds(parts: (string | undefined)[]): number {
  const [hours = '0', minutes = '0', whole = '0', fraction = '0'] = parts;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(whole) + Number(`0.${fraction}`);
}

/** WebVTT and SubRip: blocks with a line of times. */
function parseBlocks(text: string): Cue[] {
  return text.split(/\n{2,}/).flatMap((block) => {
    const lines = block.split('\n');
    const at = lines.findIndex((line) => TIMES.test(line));
    const times = TIMES.exec(lines[at] ?? '');
    if (!times) return [];
    const raw = lines.slice(at + 1).join('\n');
    return cue(
      seconds(times.slice(1, 5)),
      seconds(times.slice(5, 9)),
      plain(raw),
      /\bline:(?:0|[1-3]?\d%)/.test(times[9] ?? '') || /\{\\an[789]\}/.test(raw),
    );
  });
}

/** Advanced SubStation Alpha: the events, without their drawings and styles. */
function parseAss(text: string): Cue[] {
  const events = text.slice(text.search(/^\[Events\]/im)).split('\n');
  const format =
    events
      .find((line) => line.startsWith('Format:'))
      ?.slice(7)
      .split(',') ?? [];
  const names = format.map((name) => name.trim().toLowerCase());
  const column = (name: string, usual: number) => (names.includes(name) ? names.indexOf(name) : usual);
  const [start, end, words] = [column('start', 1), column('end', 2), column('text', 9)];
  return events.flatMap((line) => {
    if (!line.startsWith('Dialogue:')) return [];
    const fields = line.slice(9).split(',');
    const raw = fields.slice(words).join(',');
    // \p1 begins a drawing: its numbers are no words.
    if (/\\p[1-9]/.test(raw)) return [];
    const clock = (field: string | undefined) =>
      seconds((/(\d+):(\d+):(\d+)[.:](\d+)/.exec(field ?? '') ?? []).slice(1));
    return cue(clock(fields[start]), clock(fields[end]), plain(raw), /\{[^}]*\\an[789]/.test(raw));
  });
}

function cue(start: number, end: number, text: string, top: boolean): Cue[] {
  return text !== '' && end > start ? [{ start, end, text, top }] : [];
}

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&nbsp;': '\u00a0',
  '&lrm;': '\u200e',
  '&rlm;': '\u200f',
};

/** Takes markup out of a cue's text. */
function plain(text: string): string {
  return text
    .replaceAll(/\{\\[^}]*\}/g, '')
    .replaceAll(/\\[Nn]/g, '\n')
    .replaceAll('\\h', '\u00a0')
    .replaceAll(/<[^<>]*>/g, '')
    .replaceAll(/&(?:amp|lt|gt|nbsp|lrm|rlm);/g, (entity) => ENTITIES[entity] ?? entity)
    .trim();
}

/** The cues to be seen at a moment; a positive delay shows them later. */
export function visible(cues: Cue[], time: number, delay: number): Cue[] {
  const moment = time - delay;
  const last = firstAfter(cues, moment);
  // Cues overlap, but only with near neighbours: no need to look further back.
  return cues.slice(Math.max(0, last - 24), last).filter((one) => one.start <= moment && moment < one.end);
}

/** The index of the first cue that starts after a moment. */
function firstAfter(cues: Cue[], moment: number): number {
  let [low, high] = [0, cues.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cues[middle]?.start ?? Infinity) <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}
