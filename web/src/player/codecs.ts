// What this browser can play, as names the server knows.

const PROFILES: Record<string, string> = {
  h264: 'video/mp4; codecs="avc1.640028"',
  hevc: 'video/mp4; codecs="hvc1.1.6.L120.90"',
  av1: 'video/mp4; codecs="av01.0.08M.08"',
  vp8: 'video/webm; codecs="vp8"',
  vp9: 'video/webm; codecs="vp09.00.40.08"',
  aac: 'audio/mp4; codecs="mp4a.40.2"',
  mp3: 'audio/mpeg',
  opus: 'audio/webm; codecs="opus"',
  vorbis: 'audio/webm; codecs="vorbis"',
  flac: 'audio/flac',
  ac3: 'audio/mp4; codecs="ac-3"',
  eac3: 'audio/mp4; codecs="ec-3"',
  mp4: 'video/mp4',
  webm: 'video/webm',
  matroska: 'video/x-matroska',
};

export function canPlay(): string[] {
  const probe = document.createElement('video');
  return Object.entries(PROFILES)
    .filter(([, type]) => probe.canPlayType(type) !== '')
    .map(([name]) => name);
}
