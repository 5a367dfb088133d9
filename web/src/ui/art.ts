// The drawing that stands in for a missing picture: always the same for the same title.

export interface Art {
  /** Degrees on the colour wheel: the ground, and the light that falls on it. */
  ground: number;
  light: number;
  motif: 'fan' | 'rings' | 'beam' | 'bands' | 'moon';
  /** Where the light stands, in percent of the width. */
  at: number;
  /** A turn of the motif, in degrees. */
  turn: number;
}

const MOTIFS: Art['motif'][] = ['fan', 'rings', 'beam', 'bands', 'moon'];

/** FNV-1a, 32 bits: small, even, and the same everywhere. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    value ^= text.charCodeAt(at);
    value = Math.imul(value, 0x01000193);
  }
  // A last stir, so that names that differ in one letter at the end differ in every bit.
  value ^= value >>> 15;
  value = Math.imul(value, 0x2c1b3c6d);
  value ^= value >>> 12;
  return value >>> 0;
}

export function artFor(seed: string): Art {
  const bits = hash(seed);
  const ground = bits % 360;
  return {
    ground,
    // Between a third and a half of the wheel away: far enough to glow, near enough to belong.
    light: (ground + 120 + ((bits >>> 9) % 70)) % 360,
    motif: MOTIFS[(bits >>> 17) % MOTIFS.length] ?? 'fan',
    at: 18 + ((bits >>> 20) % 64),
    turn: (bits >>> 24) % 90,
  };
}

/** A sign of a script that is written without spaces, after each of which a line may end; or a run of others. */
const PART =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]|[^\s\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]+/gu;

/** How many signs of a name have to stand on one line. */
export const longestPart = (name: string): number =>
  Math.max(0, ...(name.match(PART) ?? []).map((part) => part.length));
