// What somebody drops, pastes or opens: a magnet link or a .torrent file.

const BYTES_MAX = 10 * 1024 * 1024;

export type Dropped = { magnet: string } | Blob;
export type Refused = 'not-a-torrent' | 'too-large';

/** A magnet link inside a text, if there is one. */
export function magnetIn(text: string): string | null {
  return /magnet:\?\S*xt=urn:bt(?:ih|mh):\S+/i.exec(text)?.[0] ?? null;
}

/** A channel's address inside a text, or that of one of its films, if there is one; without the sentence's own end. */
export function channelIn(text: string): string | null {
  const found = /(?:kinora:|magnet:\?(?:\S*&)?xs=urn:btpk:)\S+/i.exec(text)?.[0];
  return found?.replace(/[.,;:!?)”»"]+$/, '') ?? null;
}

/** The channel that a drop or a paste names. */
export const channelOf = (data: DataTransfer): string | null =>
  channelIn(data.getData('text/uri-list') || data.getData('text/plain'));

/** Takes what can be played out of a drop or a paste; none when it holds nothing for us. */
export function takeFrom(data: DataTransfer): Dropped | Refused | null {
  const file = data.files[0];
  if (file) return checked(file);
  const magnet = magnetIn(data.getData('text/uri-list') || data.getData('text/plain'));
  return magnet === null ? null : { magnet };
}

/** Says no to a file that cannot be a torrent before it travels anywhere. */
export function checked(file: File): Blob | Refused {
  if (!file.name.toLowerCase().endsWith('.torrent') && file.type !== 'application/x-bittorrent') {
    return 'not-a-torrent';
  }
  return file.size > BYTES_MAX ? 'too-large' : file;
}
