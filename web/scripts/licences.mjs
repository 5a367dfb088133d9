// Fails when a package in package-lock.json has a licence we have not said yes to.
import { readFileSync } from 'node:fs';

const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0', // our own licence; file by file, so nothing else is touched
  'OFL-1.1', // fonts
  'Python-2.0', // argparse, used by the linter's configuration reader
  'Unlicense',
]);

/** A licence expression is accepted when one side of every OR, and all sides of an AND, are allowed. */
function accepted(expression) {
  const bare = expression.replace(/^\(|\)$/g, '');
  if (bare.includes(' OR ')) return bare.split(' OR ').some(accepted);
  if (bare.includes(' AND ')) return bare.split(' AND ').every(accepted);
  return allowed.has(bare.trim());
}

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
const refused = packages.filter(([, entry]) => !accepted(entry.license ?? 'none stated'));

for (const [path, entry] of refused) {
  console.error(`${path} ${entry.version}: ${entry.license ?? 'none stated'}`);
}
if (refused.length > 0) {
  console.error('These licences are not on our list: choose another package, or argue for the licence here.');
  process.exit(1);
}
console.log(`${packages.length} packages, all under licences we accept`);
