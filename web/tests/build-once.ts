// Builds the page before the journeys, so that they always walk through what is in the sources.
import { build } from 'vite';

export default async function setup(): Promise<void> {
  await build({ logLevel: 'warn' });
}
