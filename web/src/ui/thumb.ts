// Blurred previews and their colour, from the 20-odd bytes of a ThumbHash.
import { thumbHashToAverageRGBA, thumbHashToDataURL } from 'thumbhash';

function bytes(base64: string): Uint8Array | null {
  try {
    const decoded = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    return decoded.length >= 5 ? decoded : null;
  } catch {
    return null;
  }
}

/** A blurred picture as a data address, or none when the hash cannot be read. */
export function preview(thumbhash: string | null): string | null {
  const hash = thumbhash === null ? null : bytes(thumbhash);
  if (!hash) return null;
  try {
    return thumbHashToDataURL(hash);
  } catch {
    return null;
  }
}

/** The average colour as a CSS colour, or none. */
export function tint(thumbhash: string | null): string | null {
  const hash = thumbhash === null ? null : bytes(thumbhash);
  if (!hash) return null;
  const { r, g, b } = thumbHashToAverageRGBA(hash);
  return `rgb(${[r, g, b].map((part) => Math.round(part * 255)).join(' ')})`;
}
