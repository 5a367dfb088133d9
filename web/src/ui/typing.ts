// Waiting until whoever types pauses.

/** Does something after a pause, ms. What it returns calls it off, as an effect does when its text changes. */
export function atPause(pause: number, work: (signal: AbortSignal) => unknown): () => void {
  const stop = new AbortController();
  const timer = setTimeout(() => work(stop.signal), pause);
  return () => {
    clearTimeout(timer);
    stop.abort();
  };
}
