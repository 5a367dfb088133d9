// The drawings of the page's icons: strokes on a 24 × 24 field. `fill` marks those that are areas.

export interface Drawing {
  strokes?: string[];
  fill?: string[];
  /** Points the other way where text runs from right to left. */
  directional?: boolean;
}

export const icons = {
  home: { strokes: ['M3.5 11 12 4l8.5 7', 'M6 9.5V19a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V9.5', 'M10 20v-5h4v5'] },
  film: {
    strokes: [
      'M4 5.5h16v13H4z',
      'M8 5.5v13',
      'M16 5.5v13',
      'M4 9.8h4',
      'M4 14.2h4',
      'M16 9.8h4',
      'M16 14.2h4',
    ],
  },
  series: { strokes: ['M6 8.5h14v11H6z', 'M4 15.5v-11h13', 'M11.5 11.8v4.4l3.6-2.2z'] },
  short: { strokes: ['M5 20 12 4l7 16', 'M7.8 13.6h8.4', 'M12 4v16'] },
  library: { strokes: ['M5 4.5h4v15H5z', 'M9 4.5h4v15H9z', 'm13.6 5.4 3.8-1 3.6 14.4-3.8 1z'] },
  download: { strokes: ['M12 4v11', 'm7 10.5 5 5 5-5', 'M4.5 19.5h15'] },
  settings: {
    strokes: [
      'M4 7h9',
      'M17.5 7H20',
      'M4 17h3',
      'M11.5 17H20',
      'M15.2 9.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6',
      'M9.2 19.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6',
    ],
  },
  search: { strokes: ['M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13', 'm15.3 15.3 5 5'] },
  close: { strokes: ['m6 6 12 12', 'M18 6 6 18'] },
  check: { strokes: ['m4.5 12.5 5 5 10-11'] },
  plus: { strokes: ['M12 5v14', 'M5 12h14'] },
  minus: { strokes: ['M5 12h14'] },
  more: {
    fill: [
      'M5 10.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6',
      'M12 10.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6',
      'M19 10.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6',
    ],
  },
  heart: { strokes: ['M12 20S4 15.2 4 9.6A4.3 4.3 0 0 1 12 7.4a4.3 4.3 0 0 1 8 2.2C20 15.2 12 20 12 20z'] },
  hearted: {
    fill: ['M12 20.6S3.4 15.6 3.4 9.6A4.9 4.9 0 0 1 12 6.5a4.9 4.9 0 0 1 8.6 3.1c0 6-8.6 11-8.6 11z'],
  },
  eye: {
    strokes: [
      'M2.8 12S6.2 5.8 12 5.8 21.2 12 21.2 12 17.8 18.2 12 18.2 2.8 12 2.8 12z',
      'M12 14.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6',
    ],
  },
  hide: {
    strokes: [
      'M4 4l16 16',
      'M9.5 6.1a9 9 0 0 1 2.5-.3c5.8 0 9.2 6.2 9.2 6.2a17 17 0 0 1-2.6 3.3',
      'M6.4 7.8A16 16 0 0 0 2.8 12S6.2 18.2 12 18.2c1.6 0 3-.4 4.2-1',
    ],
  },
  play: {
    fill: ['M7.5 4.9c0-1 1.1-1.6 2-1.1l10.6 6.9c.8.5.8 1.7 0 2.2L9.5 20c-.9.6-2 0-2-1.1z'],
    directional: false,
  },
  pause: { fill: ['M6.5 4.5h3.8v15H6.5z', 'M13.7 4.5h3.8v15h-3.8z'] },
  replay: { strokes: ['M5 12a7 7 0 1 0 2.3-5.2', 'M7.8 3v4.2H12'] },
  'back-10': {
    strokes: [
      'M4 13a8 8 0 1 0 2.6-5.9',
      'M6.6 2.8v4.4H11',
      'm9.1 11.7 1.4-1v5.2',
      'M14.3 10.7c.9 0 1.5 1 1.5 2.6s-.6 2.6-1.5 2.6-1.5-1-1.5-2.6.6-2.6 1.5-2.6z',
    ],
  },
  'forward-10': {
    strokes: [
      'M20 13a8 8 0 1 1-2.6-5.9',
      'M17.4 2.8v4.4H13',
      'm8.6 11.7 1.4-1v5.2',
      'M13.8 10.7c.9 0 1.5 1 1.5 2.6s-.6 2.6-1.5 2.6-1.5-1-1.5-2.6.6-2.6 1.5-2.6z',
    ],
  },
  smaller: { strokes: ['M12 6.5 12 12 6.5 12', 'm12 12-8-8', 'M20 10v9.5H8'] },
  larger: { strokes: ['M4 9.5V4h5.5', 'm4 4 8 8', 'M20 10v9.5H8'] },
  share: {
    strokes: ['M12 15V3.8', 'm7.8 7.8 4.2-4.2 4.2 4.2', 'M8 11H5.5v9h13v-9H16'],
  },
  next: {
    fill: [
      'M5 5.2c0-.9 1-1.4 1.7-.9l8.8 6.8c.6.4.6 1.3 0 1.8l-8.8 6.8c-.7.5-1.7 0-1.7-.9z',
      'M17 4.5h2.6v15H17z',
    ],
    directional: true,
  },
  volume: {
    fill: ['M4 9.2h3.6L12.5 5v14l-4.9-4.2H4z'],
    strokes: ['M15.8 9a4.2 4.2 0 0 1 0 6', 'M18.4 6.4a8 8 0 0 1 0 11.2'],
  },
  muted: { fill: ['M4 9.2h3.6L12.5 5v14l-4.9-4.2H4z'], strokes: ['m16 9.5 5 5', 'm21 9.5-5 5'] },
  subtitles: { strokes: ['M3.5 5.5h17v13h-17z', 'M7 14.5h4', 'M13.5 14.5H17', 'M7 11h2', 'M11.5 11H17'] },
  speed: {
    strokes: [
      'M4.6 17.5a9 9 0 1 1 14.8 0',
      'm12 14 4-5.5',
      'M12 15.2a1.2 1.2 0 1 0 0-2.4 1.2 1.2 0 0 0 0 2.4',
    ],
  },
  quality: {
    strokes: [
      'M3.5 6h17v12h-17z',
      'M7.5 9.2v5.6',
      'M7.5 12h3.2',
      'M10.7 9.2v5.6',
      'M13.8 9.2h1.4a2.8 2.8 0 0 1 0 5.6h-1.4z',
    ],
  },
  fullscreen: { strokes: ['M4 9V4.5h5', 'M15 4.5h5V9', 'M20 15v4.5h-5', 'M9 19.5H4V15'] },
  windowed: { strokes: ['M9 4.5V9H4', 'M20 9h-5V4.5', 'M15 19.5V15h5', 'M4 15h5v4.5'] },
  pip: { strokes: ['M3.5 5h17v14h-17z'], fill: ['M12 11.5h6.5v5H12z'] },
  stats: { strokes: ['M4 19.5h16', 'M7 16v-4.5', 'M12 16V6', 'M17 16V9'] },
  outside: { strokes: ['M13.5 4.5h6v6', 'M19.5 4.5 11 13', 'M17 14v5.5H4.5V7H10'], directional: true },
  back: { strokes: ['M19.5 12H5', 'm11 5.5-6.5 6.5 6.5 6.5'], directional: true },
  forward: { strokes: ['m9.5 5.5 6.5 6.5-6.5 6.5'], directional: true },
  down: { strokes: ['m5.5 9 6.5 6.5L18.5 9'] },
  magnet: { strokes: ['M5 4.5h4V12a3 3 0 0 0 6 0V4.5h4V12a7 7 0 0 1-14 0z', 'M5 8.5h4', 'M15 8.5h4'] },
  file: { strokes: ['M6 3.5h8l4.5 4.5v12.5H6z', 'M13.5 3.5V8.5h5'] },
  help: {
    strokes: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18', 'M9.5 9.5a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.2.9-1.2 1.9'],
    fill: ['M12 15.6a1.1 1.1 0 1 1 0 2.2 1.1 1.1 0 0 1 0-2.2'],
  },
  info: {
    strokes: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18', 'M12 11v6'],
    fill: ['M12 6.7a1.15 1.15 0 1 1 0 2.3 1.15 1.15 0 0 1 0-2.3'],
  },
  warning: { strokes: ['M12 4 2.8 19.5h18.4z', 'M12 10v4.5'], fill: ['M12 16a1 1 0 1 1 0 2 1 1 0 0 1 0-2'] },
  pin: { strokes: ['M9 4h6l-1 6 3 3.5H7L10 10z', 'M12 13.5V20.5'] },
  trash: {
    strokes: ['M4.5 6.5h15', 'M9 6.5V4h6v2.5', 'M6.5 6.5l1 13.5h9l1-13.5', 'M10.2 10.5v6', 'M13.8 10.5v6'],
  },
  peers: {
    strokes: [
      'M12 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5',
      'M5 21a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5',
      'M19 21a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5',
      'm10.8 7.3-4.6 9',
      'm13.2 7.3 4.6 9',
      'M7.5 18.5h9',
    ],
  },
  shield: { strokes: ['M12 3.5 5 6v5.5c0 4.5 2.9 7.5 7 9 4.1-1.5 7-4.5 7-9V6z', 'm9 12 2.2 2.2L15.2 10'] },
  offline: {
    strokes: [
      'M4 4l16 16',
      'M5 12.5a10 10 0 0 1 4.5-2.6',
      'M14.5 9.9a10 10 0 0 1 4.5 2.6',
      'M8.5 16a5 5 0 0 1 7 0',
    ],
    fill: ['M12 18a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4'],
  },
} as const satisfies Record<string, Drawing>;

export type IconName = keyof typeof icons;
