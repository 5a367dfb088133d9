// Whose work it is, and under which licence, stands on every title's page.
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { accept, open, type Visit } from './visit';

describe('the page of a title', () => {
  let visit: Visit;
  beforeEach(async () => {
    // The demo's own cinema, which nobody watches in: this journey only reads.
    visit = await open(inject('demo'));
    await accept(visit);
  });
  afterEach(() => visit.end());

  it.each([
    [
      'night-ferry',
      'CC BY-SA 4.0',
      'https://creativecommons.org/licenses/by-sa/4.0/',
      'Night Ferry (2018), Kinora demo',
    ],
    [
      'the-salt-road',
      'CC BY 4.0',
      'https://creativecommons.org/licenses/by/4.0/',
      'The Salt Road (2021), Kinora demo',
    ],
  ])('names licence, attribution, source and torrent: %s', async (id, licence, deed, attribution) => {
    const { page, ask } = visit;
    await page.evaluate((to) => (location.hash = `#/title/demo.${to}`), id);
    const origin = page.getByRole('region', { name: 'Where it comes from' });
    await origin.getByText(attribution, { exact: true }).waitFor();
    // Once beside the name, and once where it comes from.
    const links = page.getByRole('link', { name: licence });
    expect(await links.count()).toBe(2);
    for (const link of await links.all()) expect(await link.getAttribute('href')).toBe(deed);
    await origin.getByRole('link', { name: 'https://example.org/kinora-demo' }).waitFor();
    const title = await ask<{ releases: { infohash: string }[] }>(`/api/v1/titles/demo.${id}`);
    // What only other programs ask for stands behind a word for it.
    const hash = origin.getByText(title.releases[0]?.infohash ?? 'none', { exact: true });
    expect(await hash.isVisible()).toBe(false);
    await origin.getByText('For other BitTorrent programs').click();
    await hash.waitFor();
  });
});
