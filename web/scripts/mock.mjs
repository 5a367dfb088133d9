// Runs the mock server until it is stopped, for `npm run dev` and for looking at the built page by hand.
import { runnerImport } from 'vite';

const { module } = await runnerImport('./tests/mock-api.ts');
const mock = await module.startMock({ port: 7878, consent: !process.argv.includes('--first-start') });
console.log(`built page:   ${mock.launch}`);
console.log(`npm run dev:  http://127.0.0.1:5173/#token=${mock.token}`);
