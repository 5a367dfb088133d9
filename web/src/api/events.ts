// The server's one stream of news, read with fetch because EventSource cannot carry the token.
import { authorization } from './token';

/** News from the server. What it says beyond its type is read where it is used. */
export interface ServerEvent {
  type:
    | 'progress'
    | 'download'
    | 'download_removed'
    | 'network'
    | 'playback'
    | 'settings'
    | 'library'
    | 'channels';
  [field: string]: unknown;
}

const PATIENCE_MS = [1_000, 2_000, 5_000, 10_000];

/**
 * Listens until `signal` says stop; connects again, ever more patiently, when the stream breaks.
 * `missed` is called when it hears again after a break: whatever happened in between was told to nobody.
 */
export async function listen(
  tell: (event: ServerEvent) => void,
  missed: () => void,
  signal: AbortSignal,
): Promise<void> {
  let first = true;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      await read(signal, first ? () => {} : missed, (event) => {
        attempt = 0;
        tell(event);
      });
    } catch {
      // A broken stream is not the viewer's problem: the loop asks again.
    }
    first = false;
    await pause(PATIENCE_MS[Math.min(attempt, PATIENCE_MS.length - 1)] ?? 10_000, signal);
  }
}

async function read(
  signal: AbortSignal,
  connected: () => void,
  tell: (event: ServerEvent) => void,
): Promise<void> {
  const response = await fetch('/api/v1/events', { headers: authorization(), signal });
  if (!response.ok || response.body === null) return;
  connected();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const { events, remainder } = parseEvents(rest + value);
    rest = remainder;
    events.forEach(tell);
  }
}

/** Splits a piece of the stream into whole events and what is left of an unfinished one. */
export function parseEvents(text: string): { events: ServerEvent[]; remainder: string } {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n');
  const remainder = blocks.pop() ?? '';
  return { events: blocks.flatMap(parseBlock), remainder };
}

function parseBlock(block: string): ServerEvent[] {
  const lines = block.split('\n').filter((line) => line.startsWith('data:'));
  if (lines.length === 0) return [];
  try {
    const data: unknown = JSON.parse(lines.map((line) => line.slice(5).trimStart()).join('\n'));
    return typeof data === 'object' && data !== null && 'type' in data ? [data as ServerEvent] : [];
  } catch {
    return [];
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
