// Compares (or with --write, writes) the types of the API with openapi.json, which the server prints.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const document = new URL('../openapi.json', import.meta.url);
const schema = new URL('../src/api/schema.d.ts', import.meta.url);

if (!existsSync(document)) {
  console.error(
    'web/openapi.json is missing: write it with the test the_description_in of crate app (KINORA_WRITE_DESCRIPTION=1).',
  );
  process.exit(1);
}

const header = '// The API, as openapi.json describes it. Written by `npm run api`: do not edit.\n';
const written = header + astToString(await openapiTS(document));

if (process.argv.includes('--write')) {
  writeFileSync(schema, written);
  console.log('src/api/schema.d.ts is written');
} else if (readFileSync(schema, 'utf8') !== written) {
  console.error('src/api/schema.d.ts differs from openapi.json: run `npm run api` and fix what breaks.');
  process.exit(1);
} else {
  console.log('src/api/schema.d.ts is what openapi.json describes');
}
