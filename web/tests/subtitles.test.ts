// Subtitles: three formats become the same cues, and what is not text does not come through.
import { describe, expect, it } from 'vitest';
import { decode, parse, visible } from '../src/player/subtitles';

const bytes = (...values: number[]): ArrayBuffer => Uint8Array.from(values).buffer;

describe('a subtitle file', () => {
  it('is read as WebVTT, with hours left out, settings and notes', () => {
    const text =
      'WEBVTT\n\nNOTE nothing\n\n1\n00:01.500 --> 00:04.000 line:0\nAbove\n\n01:00:00.000 --> 01:00:02.000\nLate\n';
    expect(parse(text)).toEqual([
      { start: 1.5, end: 4, text: 'Above', top: true },
      { start: 3600, end: 3602, text: 'Late', top: false },
    ]);
  });

  it('is read as SubRip, with carriage returns and a byte order mark', () => {
    const text =
      '\uFEFF1\r\n00:00:01,000 --> 00:00:02,250\r\nOne\r\nTwo\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\n{\\an8}Up\r\n';
    expect(parse(text)).toEqual([
      { start: 1, end: 2.25, text: 'One\nTwo', top: false },
      { start: 3, end: 4, text: 'Up', top: true },
    ]);
  });

  it('is read as ASS, without its styles and drawings', () => {
    const text = [
      '[Script Info]',
      '[Events]',
      'Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text',
      'Dialogue: 0,0:00:02.50,0:00:04.00,Default,,0,0,0,,{\\i1}Well, now\\Nthen{\\i0}',
      'Dialogue: 0,0:00:02.50,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0',
    ].join('\n');
    expect(parse(text)).toEqual([{ start: 2.5, end: 4, text: 'Well, now\nthen', top: false }]);
  });

  it('gives its text without markup, and entities as the signs they stand for', () => {
    const cues = parse(
      'WEBVTT\n\n00:00.000 --> 00:01.000\n<script>alert(1)</script><v Ann>a &lt;b&gt; &amp;amp;\n',
    );
    expect(cues?.[0]?.text).toBe('alert(1)a <b> &amp;');
  });

  it('in no known format is refused', () => {
    expect(parse('just some words\n\nand more')).toBeNull();
    expect(parse('')).toBeNull();
  });

  it('is decoded by its mark, as UTF-8, or as the Western code page', () => {
    expect(decode(bytes(0xff, 0xfe, 0x41, 0x00))).toContain('A');
    expect(decode(bytes(0xc3, 0xa9))).toBe('é');
    expect(decode(bytes(0xe9))).toBe('é');
  });
});

describe('at a moment', () => {
  const cues = parse('WEBVTT\n\n00:01.000 --> 00:05.000\nA\n\n00:02.000 --> 00:03.000\nB\n') ?? [];
  const texts = (time: number, delay = 0) => visible(cues, time, delay).map((cue) => cue.text);

  it('all cues that overlap are seen, and none at their end', () => {
    expect(texts(0.9)).toEqual([]);
    expect(texts(2.5)).toEqual(['A', 'B']);
    expect(texts(3)).toEqual(['A']);
    expect(texts(5)).toEqual([]);
  });

  it('a positive delay shows them later', () => {
    expect(texts(1.5, 1)).toEqual([]);
    expect(texts(2.5, 1)).toEqual(['A']);
    expect(texts(0.5, -1)).toEqual(['A']);
  });
});
