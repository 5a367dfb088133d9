// Judges the manifest on standard input as Stremio does; says what is wrong, and fails if anything is.
const { lintManifest } = require('stremio-addon-linter');

const said = lintManifest(JSON.parse(require('node:fs').readFileSync(0, 'utf8')));
const complaints = [...said.errors, ...said.warnings].map((one) => one.message);
process.stdout.write(complaints.join('\n'));
process.exit(said.valid && complaints.length === 0 ? 0 : 1);
