// What plays, whatever place is shown: over the whole page, or in its corner while the viewer looks around.

export interface Playing {
  item: string;
  query: URLSearchParams;
}

class Theatre {
  playing: Playing | null = $state.raw(null);
  /** The picture stands in the corner of another place. */
  corner = $state(false);
  #staying = false;

  /** The page arrives at a place: a player with something to play, or any other. */
  arrive(wanted: Playing | null): void {
    if (wanted) this.open(wanted);
    else if (!this.#staying && !this.corner) this.close();
    this.corner = wanted === null && this.playing !== null;
    this.#staying = false;
  }

  /** Plays something else where the picture stands now; what plays already goes on. */
  open(wanted: Playing): void {
    if (!this.playing || !continues(this.playing, wanted)) this.playing = wanted;
  }

  /** Goes to a place and takes the picture along, into the corner. */
  shrink(hash: string): void {
    this.#staying = true;
    location.hash = hash;
  }

  close(): void {
    this.playing = null;
    this.corner = false;
  }
}

/** Whether a wish is only to see in large again what plays already. */
function continues(now: Playing, wanted: Playing): boolean {
  const same = now.item === wanted.item && now.query.get('file') === wanted.query.get('file');
  return same && !wanted.query.has('from') && !wanted.query.has('release');
}

export const theatre = new Theatre();
