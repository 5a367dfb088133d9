// Finding something: rows, filters, search, favourites, hidden titles.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { begin, type Journey } from '../journey';

describe('somebody who looks for a film', () => {
  let journey: Journey;
  beforeAll(async () => {
    journey = await begin();
  });
  beforeEach(() => journey.go('#/'));
  afterAll(() => journey.end());

  const cards = () => journey.page.locator('main [data-item]');

  it('finds rows on the first page, and the whole of a row behind "See all"', async () => {
    const { page } = journey;
    await page.getByRole('heading', { name: 'Silent', exact: true }).waitFor();
    const row = page.getByRole('region', { name: 'Silent' });
    await row.getByRole('link', { name: 'See all' }).click();
    await page.getByRole('heading', { name: 'All titles' }).waitFor();
    await page.getByText(/^\d+ titles · Silent/).waitFor();
    expect(await cards().count()).toBe(
      journey.mock.titles.filter((title) => title.genres.includes('silent')).length,
    );
  });

  it('narrows a list with chips, and takes the filter away again', async () => {
    const { page, go } = journey;
    await go('#/all');
    await page.getByRole('button', { name: 'Genre' }).click();
    await page.getByRole('menuitemradio', { name: 'Horror' }).click();
    await page.getByText('4 titles · Horror').waitFor();
    expect(page.url()).toContain('genre=horror');
    await page.getByRole('link', { name: 'Clear the filters' }).click();
    await page.getByText('24 titles', { exact: true }).waitFor();
  });

  it('sees the chip that has the focus whole on a telephone, on the way there and back', async () => {
    const { page, go } = journey;
    const usual = page.viewportSize();
    await page.setViewportSize({ width: 320, height: 690 });
    await go('#/all');
    const chips = page.getByRole('group', { name: 'Filters' });
    await chips.getByRole('button', { name: 'Genre' }).focus();
    const whole = () =>
      page.evaluate(() => {
        const { left, right } = (document.activeElement as HTMLElement).getBoundingClientRect();
        return left >= 0 && right <= innerWidth;
      });
    for (const key of ['Tab', 'Shift+Tab']) {
      for (let count = await chips.getByRole('button').count(); count > 2; count -= 1) {
        await page.keyboard.press(key);
        await expect.poll(whole).toBe(true);
      }
    }
    if (usual) await page.setViewportSize(usual);
  });

  it('sees no chip move aside when the filters come late', async () => {
    const { page, go } = journey;
    let arrive = () => {};
    const late = new Promise<void>((resolve) => (arrive = resolve));
    await page.route('**/api/v1/facets', async (route) => {
      await late;
      await route.continue();
    });
    await page.reload();
    await go('#/all');
    const card = cards().first();
    await card.waitFor();
    const before = await card.boundingBox();
    const unseen = page.getByRole('button', { name: 'Not seen yet' });
    expect(await unseen.count()).toBe(0);
    arrive();
    await unseen.waitFor();
    await page.getByRole('button', { name: 'Genre' }).waitFor();
    expect(await card.boundingBox()).toEqual(before);
    await page.unroute('**/api/v1/facets');
  });

  it('tells concerts and lectures from films, where all kinds are shown', async () => {
    const { page, go, mock } = journey;
    const [concert, lecture] = ['sita', 'charade'].map((id) => mock.titles.find((one) => one.id === id));
    Object.assign(concert ?? {}, { kind: 'concert' });
    Object.assign(lecture ?? {}, { kind: 'lecture' });
    await go('#/films');
    await go('#/');
    await page
      .getByRole('region', { name: 'Concerts' })
      .getByRole('link', { name: 'See all', exact: false })
      .click();
    await page.getByText('1 title · Concert').waitFor();
    await go('#/films');
    await page.getByRole('button', { name: 'Genre' }).waitFor();
    expect(await page.getByRole('button', { name: 'Kind' }).count()).toBe(0);
    await go('#/all');
    await page.getByRole('button', { name: 'Kind' }).click();
    await page.getByRole('menuitemradio', { name: 'Concert' }).click();
    await page.getByText('1 title · Concert').waitFor();
    await cards().getByText('2008 · Concert · ').waitFor();
    await cards().first().click();
    await page.getByText('Concert', { exact: true }).first().waitFor();
    Object.assign(concert ?? {}, { kind: 'film' });
    Object.assign(lecture ?? {}, { kind: 'film' });
  });

  it('sorts by year', async () => {
    const { page, go } = journey;
    await go('#/films');
    await page.getByRole('button', { name: 'Sort by' }).click();
    await page.getByRole('menuitemradio', { name: 'Year' }).click();
    await page
      .locator('main [data-item]')
      .first()
      .getByText(/^2008 · /)
      .waitFor();
  });

  it('searches while typing, with a letter missing', async () => {
    const { page } = journey;
    await page.keyboard.press('/');
    await page.keyboard.type('metro');
    await page.getByRole('heading', { name: 'Results for “metro”' }).waitFor();
    await page.locator('main [data-item]', { hasText: 'Metropolis' }).waitFor();
    expect(await cards().count()).toBe(1);
    await page.getByLabel('Search', { exact: true }).fill('sintl');
    await page.getByRole('link', { name: 'Search for “sintel” instead' }).click();
    await page.getByRole('heading', { name: 'Results for “sintel”' }).waitFor();
  });

  it('loses no letter of what is typed while the first results are on their way', async () => {
    const { page } = journey;
    const before = await page.evaluate(() => history.length);
    // The changes of places are let through one by one, as if the machine were slow, and letters come in between.
    // While a change is pending nothing is painted, and no key of a real keyboard would arrive.
    await page.evaluate(async () => {
      const start = document.startViewTransition.bind(document);
      const held: (() => Promise<void>)[] = [];
      const pending = async (count: number) => {
        while (held.length < count) await new Promise((resolve) => setTimeout(resolve));
      };
      const hold = (apply: () => Promise<void>) =>
        start(
          () =>
            new Promise<void>((resolve) => {
              held.push(() => apply().then(resolve));
            }),
        );
      const input = document.querySelector<HTMLInputElement>('#search');
      if (input === null) throw new Error('no search box');
      const type = (letters: string) => {
        for (const letter of letters) {
          input.value += letter;
          input.dispatchEvent(new InputEvent('input', { bubbles: true }));
        }
      };
      Object.assign(document, { startViewTransition: hold });
      input.focus();
      type('m');
      await pending(1);
      type('etr');
      await held.shift()?.();
      type('o');
      Object.assign(document, { startViewTransition: start });
      for (const apply of held) await apply();
    });
    await page.getByRole('heading', { name: 'Results for “metro”' }).waitFor();
    expect(await page.getByLabel('Search', { exact: true }).inputValue()).toBe('metro');
    expect(await page.evaluate(() => history.length)).toBe(before + 1);
  });

  it('is told what to do when nothing fits', async () => {
    const { page, go } = journey;
    await go('#/search?q=zzzz');
    await page.getByText('Nothing found for “zzzz”').waitFor();
    await page.getByRole('link', { name: 'All titles' }).waitFor();
  });

  it('keeps a favourite, and finds it in the library', async () => {
    const { page, mock, go } = journey;
    await go('#/title/nosferatu');
    await page.getByRole('button', { name: 'Add to favourites' }).click();
    await page.getByRole('button', { name: 'Take out of favourites' }).waitFor();
    await expect.poll(() => mock.titles.find(({ id }) => id === 'nosferatu')?.favourite).toBe(true);
    await go('#/library');
    await page.getByRole('region', { name: 'Favourites' }).getByText('Nosferatu').first().waitFor();
  });

  it('hides a title, and takes it back', async () => {
    const { page, mock, go } = journey;
    await go('#/title/detour');
    await page.getByRole('button', { name: 'Hide this title' }).click();
    await page.getByText('“Detour” is hidden.').waitFor();
    expect(mock.blocked.has('detour')).toBe(true);
    await go('#/settings');
    await page.getByRole('listitem').getByText('Detour', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Show again' }).click();
    await page.getByText('No title is hidden.').waitFor();
  });

  it('comes back to the same line of the list', async () => {
    const { page, go } = journey;
    await go('#/all');
    const last = cards().last();
    await last.scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => scrollY);
    expect(before).toBeGreaterThan(0);
    await last.click();
    await page.getByRole('heading', { level: 1, name: 'Pioneer One' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'All titles' }).waitFor();
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(before - 60);
  });

  it('sees whose work it is and under which licence', async () => {
    const { page, go } = journey;
    await go('#/title/sintel');
    await page.getByText('© 2010, the makers of Sintel').waitFor();
    await page.getByRole('link', { name: 'CC BY 3.0' }).first().waitFor();
    await page.getByText('Colin Levy').waitFor();
    expect(await page.getByRole('radio').count()).toBe(2);
  });
});
