// When something fails: what happened and what to do, and the page goes on.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, type Journey } from '../journey';

describe('when something fails', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
    await journey.page.getByRole('navigation', { name: 'Places' }).waitFor();
  });
  afterEach(async () => {
    // The browser reports failed answers by itself; here they are wanted.
    journey.browser.complaints.length = 0;
    await journey.end();
  });

  it('a page without its key says where the key is', async () => {
    const { page, mock } = journey;
    await page.evaluate(() => sessionStorage.clear());
    await page.goto('about:blank');
    await page.goto(mock.url);
    await page.getByText('This page is not allowed in yet.').waitFor();
    await page.getByText('Open it with the link Kinora prints').waitFor();
  });

  it('a list that fails can be tried again', async () => {
    const { page, mock, go } = journey;
    mock.failing.set('GET /api/v1/titles', {
      status: 500,
      body: { code: 'internal', title: 'Something broke.', hint: 'Try again.' },
    });
    await go('#/series');
    await page.getByText('Something broke.').waitFor();
    mock.failing.clear();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('2 titles').waitFor();
  });

  it('a place whose page does not come says so, and others are still there', async () => {
    const { page, go } = journey;
    await page.route(/assets\/downloads-/, (route) => route.abort());
    await page.evaluate(() => (location.hash = '#/downloads'));
    await page.getByText('Kinora does not answer.').waitFor();
    await go('#/all');
    await page.getByText('24 titles', { exact: true }).waitFor();
  });

  it('what changed while nothing could be heard is shown after all', async () => {
    const { page, mock, go } = journey;
    await go('#/title/sintel');
    await page.getByRole('link', { name: /^Play/ }).waitFor();
    // Somebody watched it on another device, and this page was told nothing.
    const [sintel] = mock.titles;
    if (!sintel) throw new Error('the mock has no titles');
    sintel.progress = {
      item_id: sintel.id,
      position_s: 30,
      duration_s: 90,
      fraction: 1 / 3,
      updated_at: '2026-01-01T00:00:00Z',
    };
    mock.hangUp();
    await page.getByRole('link', { name: 'Resume at 0:30' }).waitFor();
  });

  it('a title that is gone says so', async () => {
    const { page } = journey;
    await page.evaluate(() => (location.hash = '#/title/nothing'));
    await page.getByText('This is not here any more.').waitFor();
  });

  it('a favourite that could not be kept is taken back', async () => {
    const { page, mock, go } = journey;
    mock.failing.set('PUT /api/v1/favourites', { status: 507, body: { code: 'disk_full', title: 'full' } });
    await go('#/title/sintel');
    await page.getByRole('button', { name: 'Add to favourites' }).click();
    await page.getByText('The disk is full.').waitFor();
    await page.getByRole('button', { name: 'Add to favourites' }).waitFor();
  });

  it('a film that cannot start says why, without losing the way back', async () => {
    const { page, mock, go } = journey;
    mock.failing.set('POST /api/v1/play', { status: 410, body: { code: 'withdrawn', title: 'withdrawn' } });
    await go('#/title/sintel');
    await page.getByRole('link', { name: 'Play · 1080p' }).click();
    await page.getByText('Its publisher has withdrawn this title.').waitFor();
    await page.getByRole('link', { name: 'Home' }).click();
    await page.getByRole('heading', { name: 'Worth an evening' }).waitFor();
  });

  it('a server that stops is noticed', async () => {
    const { page, mock } = journey;
    await mock.close();
    await page.getByRole('link', { name: 'Kinora does not answer' }).waitFor();
  });

  it('an address that leads nowhere leads home', async () => {
    const { page, go } = journey;
    await go('#/what');
    await page.getByText('There is nothing at this address').waitFor();
    expect(await page.getByRole('link', { name: 'Home' }).count()).toBeGreaterThan(0);
  });
});
