// Filters from the page: listed apart from channels, with what they hide, their switches, and our own choice above them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { barriers } from '../axe';
import { begin, type Journey } from '../journey';
import { channel, NEW_KEY } from '../mock/channels';

describe('a filter', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
    const filter = { entries: 1_000, hides: 2, warns: 1, applied: true };
    const list = channel(NEW_KEY, 'No malware', { kind: 'filter', filter, about: 'What was reported.' });
    journey.mock.channels.push(list);
  });
  afterEach(() => journey.end());

  const asked = (line: string) => journey.mock.requests.filter((request) => request.line === line);

  it('is listed apart, says what it hides, is switched off and on, and left', async () => {
    const { page, go } = journey;
    await go('#/channels');
    const filters = page.getByRole('region', { name: 'Filters' });
    await filters.getByText('1,000 entries · Hides 2 of your titles').waitFor();
    const followed = page.getByRole('region', { name: 'Channels you follow' });
    expect(await followed.getByText('No malware').count()).toBe(0);
    await filters.getByRole('link', { name: 'No malware' }).click();
    await page.getByRole('heading', { level: 1, name: 'No malware' }).waitFor();
    await page.getByText('What was reported.').waitFor();
    await page.getByRole('link', { name: 'rights@example.org' }).waitFor();
    expect(await page.getByText('This channel has no titles yet').count()).toBe(0);
    expect(await barriers(page)).toEqual([]);
    const apply = page.getByRole('switch', { name: 'Apply this filter' });
    await apply.click();
    await page.getByText('Switched off; it would hide 2 of your titles', { exact: true }).waitFor();
    expect(asked(`DELETE /api/v1/channels/${NEW_KEY}/applied`)).toHaveLength(1);
    await apply.click();
    await page.getByText('Hides 2 of your titles', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Unfollow' }).click();
    await page.getByText('Everything that “No malware” hides is shown again.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Unfollow' }).click();
    await page.getByRole('heading', { level: 1, name: 'Channels' }).waitFor();
    expect(await page.getByRole('link', { name: 'No malware' }).count()).toBe(0);
  });

  it('is named on the page of a title that it hides, which can be shown all the same', async () => {
    const { page, go, mock } = journey;
    const title = mock.titles.find(({ id }) => id === 'metropolis');
    const by = { channel: NEW_KEY, name: 'No malware', note: 'What was reported.' };
    title?.filters.push({ ...by, action: 'block', reason: 'malware' });
    await go('#/title/metropolis');
    const filters = page.getByRole('region', { name: 'Filters' });
    await filters.getByText('The filter “No malware” blocks this title', { exact: false }).waitFor();
    await filters.getByText('it does harm to the machine that opens it', { exact: false }).waitFor();
    expect(await barriers(page)).toEqual([]);
    const play = page.getByRole('link', { name: /^Play|^Resume/ });
    expect(await play.count()).toBe(0);
    await filters.getByRole('button', { name: 'Show it all the same' }).click();
    await play.first().waitFor();
    await filters.getByText('You show this title whatever filters say.').waitFor();
    expect(asked('PUT /api/v1/titles/metropolis/shown-anyway')).toHaveLength(1);
    await filters.getByRole('button', { name: 'Do as filters say' }).click();
    await filters.getByRole('button', { name: 'Show it all the same' }).waitFor();
    await filters.getByRole('link', { name: 'See this filter' }).click();
    await page.getByRole('heading', { level: 1, name: 'No malware' }).waitFor();
  });
});
