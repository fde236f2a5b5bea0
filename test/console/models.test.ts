import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, visit, type Visit } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';

/** Of scikit-learn, as the guide about tables has it. */
const iris = new URL('../../docs/samples/iris.pkl', import.meta.url);
const features = ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'];

describe('the models page', () => {
  let server: TestServer;
  let browser: Browser;
  let there: Visit;

  before(async () => {
    server = await startTestServer();
    browser = await openBrowser();
    there = await visit(browser, server);
    await there.open('/models');
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  const choose = async (name: string, bytes: Buffer, ending = 'onnx'): Promise<void> => {
    const { page } = there;
    const file = { name: `${name}.${ending}`, mimeType: 'application/octet-stream', buffer: bytes };
    await page.getByRole('button', { name: 'Upload a model' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Upload a model' });
    await dialog.getByLabel('Files').setInputFiles(file);
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByRole('button', { name: 'Upload' }).click();
  };

  it('says that nothing was uploaded yet, and shows what the server brings itself', async () => {
    const { page } = there;
    await page.getByRole('heading', { name: 'No model here' }).waitFor();
    const own = page.getByRole('group', { name: 'models of the server' });
    await own.getByText('ready').first().waitFor();
    await there.assertAccessible();
    await there.shoot('models-empty');
  });

  it('keeps the dialog open with the reason when a file is refused', async () => {
    await choose('nonsense', Buffer.from('this is no model'));
    const { page } = there;
    await page.getByRole('alert').getByText('MODEL_INVALID').waitFor();
    await there.assertAccessible();
    await there.shoot('models-refused');
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  it('uploads a model and shows what it takes and gives', async () => {
    await choose('iris', await readFile(iris), 'pkl');
    const { page } = there;
    await page.getByRole('heading', { name: 'iris v1' }).waitFor();
    await page
      .getByRole('group', { name: 'signature' })
      .getByText(/setosa/)
      .first()
      .waitFor();
    await there.assertAccessible();
    await there.shoot('model');
  });

  it('predicts with a form made from the signature', async () => {
    const { page } = there;
    const fields = page.getByRole('region', { name: 'Try it' }).locator('input');
    for (const name of features) await page.getByLabel(name).waitFor();
    assert.equal(await fields.count(), features.length);
    for (const [i, value] of ['5.1', '3.5', '1.4', '0.2'].entries())
      await fields.nth(i).fill(value);
    await page.getByRole('button', { name: 'Predict' }).click();
    await page.getByRole('list', { name: 'Probabilities' }).waitFor();
    assert.match((await page.locator('output').first().textContent()) ?? '', /^setosa$/);
    await there.assertAccessible();
    await there.shoot('model-predicted');
  });

  it('makes the next version of the same name, and goes back to the first', async () => {
    await there.open('/models');
    await choose('iris', linearClassifier({ zipmap: true }));
    const { page } = there;
    await page.getByRole('heading', { name: 'iris v2' }).waitFor();
    await page.getByRole('button', { name: 'Answer with v1' }).click();
    const dialog = page.getByRole('dialog');
    await there.assertAccessible();
    await dialog.getByRole('button', { name: 'Answer with v1' }).click();
    await page.getByRole('heading', { name: 'iris v1' }).waitFor();
    await there.shoot('model-rolled-back');
  });

  it('archives, with a question first, and restores', async () => {
    const { page } = there;
    await page.getByRole('button', { name: 'Archive' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
    await page.getByText('archived', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Make active' }).click();
    await page.getByText('active', { exact: true }).first().waitFor();
    assert.deepEqual(there.complaints, []);
  });
});
