// A short film and a few pictures for the mock server, drawn by ffmpeg once and kept beside the packages.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../node_modules/.cache/kinora-mock/', import.meta.url));

function made(name: string, args: string[]): string {
  const path = `${folder}${name}`;
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${folder}unfinished-${process.pid}-${name}`;
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args, unfinished]);
  renameSync(unfinished, path);
  return path;
}

/** Ninety seconds of moving picture with a tone. */
export const film = (): string =>
  made('film.mp4', [
    ...['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=24:duration=90'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=220:duration=90'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '48', '-b:v', '400k'],
    ...['-c:a', 'aac', '-b:a', '64k', '-movflags', '+faststart'],
  ]);

/** A drawn picture: a different corner of the same set for each name. */
export function picture(name: string, shape: 'poster' | 'backdrop'): string {
  const size = shape === 'poster' ? '480x720' : '1600x900';
  const seed = Array.from(name).reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1_000_003, 7);
  const kind = ['linear', 'radial', 'circular', 'spiral'][seed % 4] ?? 'linear';
  const light = `gradients=size=${size}:seed=${seed}:nb_colors=4:type=${kind}`;
  return made(`${name}-${shape}.jpg`, [
    ...['-f', 'lavfi', '-i', light],
    ...[
      '-vf',
      'eq=saturation=0.75:contrast=1.1,vignette=PI/4,noise=alls=12:allf=t',
      '-frames:v',
      '1',
      '-q:v',
      '3',
    ],
  ]);
}
