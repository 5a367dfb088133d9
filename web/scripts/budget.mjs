// Fails when the page's first JavaScript grows beyond what a slow machine should read before it sees something.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_KIB = 56;
const dist = new URL('../dist/', import.meta.url);

// The entry and what it imports at once stand in index.html; what comes later (a place, the player) does not.
const page = readFileSync(new URL('index.html', dist), 'utf8');
const first = [...page.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map((match) => match[1]);

const kib = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1024;
const total = first.reduce((sum, file) => sum + kib(file), 0);

console.log(`first JavaScript: ${total.toFixed(1)} KiB compressed, of ${BUDGET_KIB} allowed`);
if (total > BUDGET_KIB) {
  console.error('Load something later: give it a chunk of its own with a lazy import.');
  process.exit(1);
}
