// How this viewer likes to watch on this device: loudness, how subtitles look, whether episodes follow each other.

export const STYLES = ['outline', 'box', 'plain'] as const;
export type SubtitleEdge = (typeof STYLES)[number];

interface Kept {
  size: number;
  edge: SubtitleEdge;
  volume: number;
  muted: boolean;
  /** The next episode begins by itself. */
  goOn: boolean;
}

const KEY = 'kinora-player';
const usual: Kept = { size: 1, edge: 'outline', volume: 1, muted: false, goOn: true };

function read(): Kept {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return { ...usual, ...(typeof kept === 'object' ? kept : {}) };
  } catch {
    return usual;
  }
}

function write(change: Partial<Kept>): void {
  localStorage.setItem(KEY, JSON.stringify({ ...read(), ...change }));
}

class SubtitleStyle {
  #size = $state(read().size);
  #edge = $state(read().edge);

  get size(): number {
    return this.#size;
  }
  set size(size: number) {
    this.#size = Math.min(2.4, Math.max(0.6, Math.round(size * 10) / 10));
    write({ size: this.#size });
  }
  get edge(): SubtitleEdge {
    return this.#edge;
  }
  set edge(edge: SubtitleEdge) {
    this.#edge = edge;
    write({ edge });
  }
}

export const subtitleStyle = new SubtitleStyle();

class Autoplay {
  #on = $state(read().goOn);

  get on(): boolean {
    return this.#on;
  }
  set on(on: boolean) {
    this.#on = on;
    write({ goOn: on });
  }
}

export const autoplay = new Autoplay();

export const loudness = {
  read: (): { volume: number; muted: boolean } => {
    const { volume, muted } = read();
    return { volume, muted };
  },
  write: (volume: number, muted: boolean): void => write({ volume, muted }),
};
