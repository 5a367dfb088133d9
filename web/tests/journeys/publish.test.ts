// Publishing from the page: a channel is made, its words are checked, and a film goes out with everything it needs.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, focused, looksRight, type Journey } from '../journey';
import { film } from '../mock/media';
import { OWN_KEY } from '../mock/keys';

describe('publishing', () => {
  let journey: Journey;
  beforeEach(async () => {
    journey = await begin();
  });
  afterEach(() => journey.end());

  const sent = (line: string) => journey.mock.requests.filter((request) => request.line === line);

  it('begins with a channel whose words are asked for before it goes on', async () => {
    const { page, go } = journey;
    await go('#/publish');
    await page.getByLabel('Name of the channel').fill('Harbour Films');
    await page.getByLabel('Contact for questions of rights').fill('rights@example.org');
    await page.getByLabel('Passphrase (if you like)').fill('open sesame');
    await page.getByLabel('The passphrase once more').fill('open barley');
    await page.getByRole('button', { name: 'Make the channel' }).click();
    await page.getByRole('alert').getByText('The two passphrases differ.').waitFor();
    await page.getByLabel('Passphrase (if you like)').fill('open sesame');
    await page.getByLabel('The passphrase once more').fill('open sesame');
    await page.getByRole('button', { name: 'Make the channel' }).click();
    await page.getByText('Write these 24 words on paper').waitFor();
    expect(sent('POST /api/v1/own-channels')).toMatchObject([
      { body: { name: 'Harbour Films', contact: 'mailto:rights@example.org', passphrase: 'open sesame' } },
    ]);
    expect(await page.locator('ol.words li').count()).toBe(24);
    await looksRight(page, 'words');
    await page.getByRole('button', { name: 'I have written them down' }).click();
    const fields = await page.getByLabel(/^Word number/).all();
    expect(fields).toHaveLength(3);
    for (const field of fields) await field.fill('nonsense');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('alert').getByText('That is not what is on the list.').waitFor();
    for (const field of fields) {
      const at = Number((await field.getAttribute('id'))?.replace('word-', ''));
      await field.fill(` WORD${String.fromCharCode(65 + at)} `);
    }
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('heading', { level: 1, name: 'Publish a film' }).waitFor();
  });

  it('of a film asks for its licence, shows it as viewers will, and says when to close', async () => {
    const { page, go, mock } = journey;
    await go(`#/publish/${OWN_KEY}`);
    await page.getByLabel('A film from this device').setInputFiles(film());
    await page.getByRole('button', { name: 'Picture 3' }).click();
    await page.getByRole('img', { name: 'The poster as it is now' }).waitFor();
    await page.getByLabel('Title', { exact: true }).fill('Last Ferry');
    await page.getByLabel('Year').fill('2026');
    await page.getByLabel('Kind').selectOption({ label: 'Lecture' });
    await page.getByLabel('Attribution').fill('© 2026 Somebody');
    await page.getByLabel('Source').fill('https://example.org/last-ferry');
    await page.getByRole('button', { name: 'Look at it' }).click();
    expect(await page.getByRole('button', { name: 'Sign and publish' }).count()).toBe(0);
    await page.getByLabel('Licence', { exact: true }).selectOption('CC-BY-4.0');
    await page.getByLabel('I may share this film').check();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('heading', { level: 3, name: 'Last Ferry' }).waitFor();
    await page.getByText('Nothing has been published yet.').waitFor();
    await looksRight(page, 'publish');
    await page.getByRole('button', { name: 'Sign and publish' }).click();
    await page.getByRole('heading', { name: 'It is published' }).waitFor();
    expect(sent('POST /api/v1/masters/a1/publish')).toMatchObject([
      {
        body: {
          channel: OWN_KEY,
          film: { name: 'Last Ferry', kind: 'lecture', year: 2026, licence: 'CC-BY-4.0', agreed: true },
        },
      },
    ]);
    await page.getByText('Please leave Kinora running.').waitFor();
    const [master] = mock.masters;
    Object.assign(master ?? {}, { copies: 2, safe_to_close: true });
    await page.getByText('You may close Kinora').waitFor();
  });

  it.each([
    ['Change “Last Ferry”', { update: 'ferry1' }],
    ['Add one more title', { again: true }],
  ])('of a film that the channel has asks what is meant before it is signed: %s', async (name, meant) => {
    const { page, go, mock } = journey;
    mock.there = [
      { title: 'harbour1', name: 'Harbour', episode: 'pilot1', waiting: false },
      { title: 'ferry1', name: 'Last Ferry', episode: null, waiting: false },
    ];
    await go(`#/publish/${OWN_KEY}`);
    await page.getByLabel('A film from this device').setInputFiles(film());
    await page.getByLabel('Licence', { exact: true }).selectOption('CC-BY-4.0');
    await page.getByLabel('Attribution').fill('© 2026 Somebody');
    await page.getByLabel('Source').fill('https://example.org/last-ferry');
    await page.getByLabel('I may share this film').check();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('button', { name: 'Sign and publish' }).click();
    await page.getByRole('alert').getByText('Your channel has this film already').waitFor();
    expect(await page.getByRole('button', { name: 'Change “Harbour”' }).count()).toBe(0);
    await looksRight(page, 'there');
    await page.getByRole('button', { name }).click();
    await page.getByRole('heading', { name: 'It is published' }).waitFor();
    expect(sent('POST /api/v1/masters/a1/publish').at(-1)?.body).toMatchObject({
      channel: OWN_KEY,
      ...meant,
    });
  });

  it('has ffmpeg make qualities, with progress that survives the page, and adds subtitles', async () => {
    const { page, go, mock } = journey;
    mock.holding = true;
    await go(`#/publish/${OWN_KEY}`);
    await page.getByLabel('A film from this device').setInputFiles(film());
    await page.getByText('small pictures for the time line · 3 chapters · 1 subtitle').waitFor();
    await page.getByText('One subtitle inside the film is made of pictures.').waitFor();
    await looksRight(page, 'qualities');
    // By keyboard alone: the smaller quality is left out, and the rest is made.
    await page.getByRole('checkbox', { name: /^144p/ }).focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Make them' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Making 144p…').waitFor();
    // Whoever uses a keyboard goes on here.
    await expect.poll(() => focused(page)).toBe('2. Qualities and subtitles');
    await page.getByText('about 3 min left').waitFor();
    expect(sent('POST /api/v1/masters/a1/conversion')).toMatchObject([
      { body: { qualities: ['360p'], level_sound: true } },
    ]);
    await looksRight(page, 'converting');

    await page.reload();
    await page.getByRole('button', { name: 'Go on with film.mp4' }).click();
    await page.getByText('Making 144p…').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Make them' }).click();
    mock.holding = false;
    await page.getByText('It is made.').waitFor();
    // Once for each time that the page was opened, however often it asks how far it is.
    expect(sent('GET /api/v1/masters/a1/frames')).toHaveLength(2);
    expect(sent('GET /api/v1/masters/a1/conversion')).toHaveLength(2);
    await page.getByText('German').waitFor();
    await page.getByLabel('A subtitle file').setInputFiles({
      name: 'film.srt',
      mimeType: 'text/plain',
      buffer: Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nBonjour\n'),
    });
    await page.getByLabel('Its language').fill('fr');
    await page.getByRole('button', { name: 'Add the subtitle' }).click();
    await page.getByRole('button', { name: 'Take out: French' }).click();
    await page.getByText('French').waitFor({ state: 'detached' });
    await looksRight(page, 'converted');
  });

  it('goes on with what was whole when Kinora was stopped, and says what it kept', async () => {
    const { page, go, mock } = journey;
    mock.holding = true;
    await go(`#/publish/${OWN_KEY}`);
    await page.getByLabel('A film from this device').setInputFiles(film());
    await page.getByRole('button', { name: 'Make them' }).click();
    await page.getByText('Making 144p…').waitFor();
    expect(await page.getByText('What was finished was checked and kept').count()).toBe(0);
    const work = { stage: 'converting', step: 'encoding', quality: '144p', done: 0.7, left_s: 60 };
    Object.assign(mock.masters[0] ?? {}, { work: { ...work, kept: ['360p'] } });
    await page.reload();
    await page.getByRole('button', { name: 'Go on with film.mp4' }).click();
    await page.getByText('What was finished was checked and kept: 360p.').waitFor();
    await looksRight(page, 'kept');
    mock.holding = false;
    await page.getByText('It is made.').waitFor();
  });

  it.each([
    ['mapped', 'its brightness is mapped to the usual range'],
    ['pale', 'these qualities will look pale'],
  ] as const)('says what becomes of a film in HDR: %s', async (range, words) => {
    const { page, go, mock } = journey;
    mock.range = range;
    await go(`#/publish/${OWN_KEY}`);
    await page.getByLabel('A film from this device').setInputFiles(film());
    await page.getByText(words).waitFor();
    await looksRight(page, `hdr-${range}`);
    await page.getByRole('radio', { name: /^As it is/ }).check();
    await page.getByText(words).waitFor({ state: 'detached' });
  });

  it('says what to do where ffmpeg is not installed, and publishes the film as it is', async () => {
    const { page, go, mock } = journey;
    const body = { code: 'ffmpeg_missing', title: 'ffmpeg is not installed.', detail: null, hint: '' };
    mock.failing.set('GET /api/v1/masters/a1/conversion', { status: 404, body });
    mock.failing.set('GET /api/v1/masters/a1/frames', { status: 404, body });
    await go(`#/publish/${OWN_KEY}`);
    await page.getByLabel('A film from this device').setInputFiles(film());
    await page
      .getByRole('alert')
      .getByText(/apt install ffmpeg/)
      .first()
      .waitFor();
    await page.getByLabel('Licence', { exact: true }).selectOption('CC-BY-4.0');
    await page.getByLabel('Attribution').fill('© 2026 Somebody');
    await page.getByLabel('Source').fill('https://example.org/last-ferry');
    await page.getByLabel('I may share this film').check();
    await page.getByRole('button', { name: 'Look at it' }).click();
    expect(await page.getByRole('button', { name: 'Sign and publish' }).isEnabled()).toBe(true);
    journey.browser.complaints.length = 0;
  });

  it('takes a film from the server’s disk, and says when that is none', async () => {
    const { page, go, mock } = journey;
    await go(`#/publish/${OWN_KEY}`);
    mock.failing.set('POST /api/v1/masters', {
      status: 422,
      body: { code: 'master_bad', title: 'This is no film.', detail: null, hint: '' },
    });
    await page.getByLabel('Or the path of a film').fill('/films/notes.txt');
    await page.getByRole('button', { name: 'Take this film' }).click();
    await page.getByRole('alert').getByText('This is no film that Kinora can publish.').waitFor();
    mock.failing.clear();
    await page.getByLabel('Or the path of a film').fill('/films/ferry.mp4');
    await page.getByRole('button', { name: 'Take this film' }).click();
    await page.getByText('ferry.mp4').waitFor();
    expect(sent('POST /api/v1/masters').at(-1)?.body).toEqual({ path: '/films/ferry.mp4' });
    journey.browser.complaints.length = 0;
  });
});
