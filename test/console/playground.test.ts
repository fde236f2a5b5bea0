import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, visit, type Visit } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const photo = new URL('../../photos/astronaut.png', import.meta.url).pathname;

describe('the playground', () => {
  let server: TestServer;
  let browser: Browser;
  let there: Visit;

  before(async () => {
    server = await startTestServer();
    browser = await openBrowser();
    there = await visit(browser, server);
    await there.open('/');
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  it('says what it is for, and nothing is wrong with the empty page', async () => {
    await there.page.getByRole('heading', { name: 'Playground' }).waitFor();
    await there.page.getByText('Ready', { exact: true }).waitFor();
    await there.assertAccessible();
    await there.shoot('playground-empty');
  });

  it('validates a photo that is chosen, and shows its id', async () => {
    await there.page.getByLabel('Choose an image').setInputFiles(photo);
    await there.page.getByText('Valid: it keeps every rule').waitFor();
    assert.match(
      (await there.page.getByText('image_id').first().locator('..').textContent()) ?? '',
      /[0-9a-f-]{36}/,
    );
  });

  it('analyses it by that id, and draws what was found', async () => {
    await there.page.getByRole('button', { name: 'Analyse' }).click();
    await there.page.getByRole('button', { name: /^Face 1 · .*score/ }).waitFor();
    await there.page
      .getByRole('button', { name: /person/ })
      .first()
      .waitFor();
    await there.assertAccessible();
    await there.shoot('playground-analysed');
  });

  it('marks in the image what is chosen in the list, by keyboard too', async () => {
    const entry = there.page.getByRole('list', { name: 'Faces' }).getByRole('button').first();
    await entry.focus();
    await there.page.keyboard.press('Enter');
    const box = there.page.getByRole('button', { name: /^Face 1 · .*score/ });
    assert.equal(await box.getAttribute('aria-pressed'), 'true');
    await box.focus();
    await there.page.keyboard.press('Enter');
    assert.equal(await entry.getAttribute('aria-pressed'), 'false');
  });

  it('draws the time each stage took, and shows JSON and the server’s YAML', async () => {
    await there.page.getByRole('tab', { name: 'Timings' }).click();
    assert.match(
      (await there.page.getByRole('table', { name: 'Milliseconds per stage' }).textContent()) ?? '',
      /inference.*ms/,
    );
    await there.shoot('playground-timings');
    await there.page.getByRole('tab', { name: 'JSON' }).click();
    await there.page.getByText('timings_ms:').waitFor();
    await there.page.getByRole('tab', { name: 'YAML' }).click();
    assert.match(
      (await there.page.getByLabel('the answer as YAML', { exact: true }).textContent()) ?? '',
      /^image_id: [0-9a-f-]{36}$/m,
    );
    await there.assertAccessible();
  });

  it('shows every call as curl and TypeScript, with the id in each', async () => {
    const calls = there.page.getByRole('region', { name: 'Calls' });
    assert.equal(await calls.locator('summary', { hasText: 'image_id' }).count(), 2);
    await calls.getByText('POST /api/v1/analyze/by-id').click();
    const code =
      (await calls.getByLabel('the curl command', { exact: true }).last().textContent()) ?? '';
    assert.match(code, /^curl 'http:\/\/127\.0\.0\.1:\d+\/api\/v1\/analyze\/by-id'/);
    await there.shoot('playground-calls');
  });

  it('replays with other options and compares the two runs', async () => {
    await there.page.getByLabel('Face mesh').check();
    await there.page.getByLabel('Compute anew').check();
    await there.page.getByRole('button', { name: 'Analyse again' }).click();
    const compare = there.page.getByRole('region', { name: 'Compare two runs' });
    await compare.getByRole('row', { name: /Included mesh/ }).waitFor();
    await there.assertAccessible();
    await there.shoot('playground-compare');
  });

  it('explains what the server refuses, with code and request id', async () => {
    await there.page.getByLabel('Choose an image').setInputFiles({
      name: 'notes.png',
      mimeType: 'image/png',
      buffer: Buffer.from('this is no picture'),
    });
    const alert = there.page.getByRole('alert');
    await alert.getByText('IMAGE_FORMAT_UNSUPPORTED').waitFor();
    await alert.getByText('request').waitFor();
    await there.assertAccessible();
    await there.shoot('playground-refused');
  });

  it('takes a photo with the camera', async () => {
    await there.page.getByRole('button', { name: 'Camera' }).click();
    const dialog = there.page.getByRole('dialog', { name: 'Camera' });
    await dialog.getByRole('button', { name: 'Take the photo' }).click();
    await there.page.getByRole('heading', { name: 'camera.jpg' }).waitFor();
    await there.page.getByText('image_id').first().waitFor();
  });

  it('fits a narrow, dark screen', async () => {
    const narrow = await visit(browser, server, { width: 390, height: 800, dark: true });
    await narrow.open('/');
    await narrow.page.getByLabel('Choose an image').setInputFiles(photo);
    await narrow.page.getByRole('button', { name: 'Analyse' }).click();
    await narrow.page.getByRole('button', { name: /^Face 1 · .*score/ }).waitFor();
    await narrow.shoot('playground-narrow-dark');
    assert.equal(await narrow.page.evaluate('document.documentElement.scrollWidth'), 390);
    await narrow.assertAccessible();
    await narrow.page.getByRole('button', { name: 'Open the menu' }).click();
    await narrow.shoot('menu-narrow-dark');
    assert.deepEqual(narrow.complaints, []);
    await narrow.close();
  });

  it('asked no other host for anything, broke no policy and threw no error', () => {
    assert.deepEqual(there.complaints, []);
  });
});
