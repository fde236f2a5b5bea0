import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, visit, type Visit } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';
import { predictRows, uploadModel } from '../support/user-models.ts';

const features = ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'];

describe('predictions and jobs in the console', () => {
  let server: TestServer;
  let browser: Browser;
  let there: Visit;
  let model: string;

  before(async () => {
    server = await startTestServer();
    browser = await openBrowser();
    there = await visit(browser, server);
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  const refused = async (): Promise<void> => {
    const response = await server.fetch(`/api/v1/predict/${model}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: [[1, 2]] }),
    });
    assert.equal(response.status, 422);
  };
  const rowsOf = async (): Promise<readonly string[]> =>
    await there.page
      .getByRole('group', { name: 'predictions' })
      .locator('tbody tr')
      .allTextContents();

  it('says that nothing was predicted yet, and that a job needs a model', async () => {
    const { page } = there;
    await there.open('/predictions');
    await page.getByRole('heading', { name: 'No prediction yet' }).waitFor();
    await there.assertAccessible();
    await there.shoot('predictions-empty');
    await there.open('/jobs');
    await page.getByText('A job needs a model for rows.').waitFor();
    await page.getByRole('heading', { name: 'No job yet' }).waitFor();
    await there.assertAccessible();
    await there.shoot('jobs-empty');
  });

  it('lists predictions as they come, failures first when asked', async () => {
    const { page } = there;
    const metadata = JSON.stringify({ features });
    ({ id: model } = await uploadModel(server, 'iris', linearClassifier(), { metadata }));
    await there.open('/predictions');
    await predictRows(server, model, [[3, 1, 2, 0]]);
    await refused();
    await predictRows(server, model, [
      [0, 9, 5, 1],
      [1, 1, 8, 2],
    ]);
    const log = page.getByRole('group', { name: 'predictions' });
    await log.getByText('PREDICT_INPUT_INVALID').waitFor();
    await log.getByText('answered').nth(1).waitFor();
    assert.doesNotMatch((await rowsOf())[0] ?? '', /PREDICT_INPUT_INVALID/);
    await there.assertAccessible();
    await there.shoot('predictions');
    await page.getByLabel('Show').selectOption('failures first');
    await page.locator('tbody tr').first().getByText('PREDICT_INPUT_INVALID').waitFor();
    assert.equal((await rowsOf()).length, 3);
    await page.getByLabel('Show').selectOption('failures');
    await log.getByText('answered').first().waitFor({ state: 'detached' });
    await log.getByText('PREDICT_INPUT_INVALID').waitFor();
    assert.equal((await rowsOf()).length, 1);
  });

  it('narrows the list by model and time, and says when nothing fits', async () => {
    const { page } = there;
    await there.open('/predictions');
    await page.getByLabel('Model').selectOption({ label: 'iris' });
    await page.getByLabel('From').selectOption({ label: '5 minutes ago' });
    await page.getByRole('group', { name: 'predictions' }).getByText('setosa').waitFor();
    const metadata = JSON.stringify({ features });
    await uploadModel(server, 'other', linearClassifier(), { metadata });
    await there.open('/predictions');
    await page.getByLabel('Model').selectOption({ label: 'other' });
    await page.getByRole('heading', { name: 'No such prediction' }).waitFor();
  });

  it('has in its address what every list shows, for a reload, the way back and a shared link', async () => {
    const { page } = there;
    await page.waitForURL(/model=/);
    await page.getByLabel('Show').selectOption('failures');
    await page.getByLabel('From').selectOption('3600');
    await page.waitForURL(/show=failures&from=3600$/);
    await page.reload();
    await page.getByLabel('Show').waitFor();
    assert.equal(await page.getByLabel('Show').inputValue(), 'failures');
    assert.equal(await page.getByLabel('From').inputValue(), '3600');
    await page.goBack();
    await page.waitForURL(/show=failures$/);
    assert.equal(await page.getByLabel('From').inputValue(), '');
    for (const [path, label, value] of [
      ['/models?status=archived', 'Status', 'archived'],
      ['/sessions?status=ended', 'Status', 'ended'],
      [`/jobs?model=${model}`, 'Model', model],
      ['/predictions?show=nonsense', 'Show', 'newest'],
    ] as const) {
      await there.open(path);
      await page.getByLabel(label).waitFor();
      assert.equal(await page.getByLabel(label).inputValue(), value, path);
    }
    await there.open('/dashboards?window=day');
    assert.ok(await page.getByRole('radio', { name: '24 hours' }).isChecked());
    await there.open('/faces?tab=swap');
    assert.equal(
      await page.getByRole('tab', { name: 'Swap' }).getAttribute('aria-selected'),
      'true',
    );
  });

  it('shows one prediction: rows in, answers out, where the time went', async () => {
    const { page } = there;
    await there.open('/predictions');
    await page
      .getByRole('row', { name: /setosa/ })
      .getByRole('link')
      .click();
    const rows = page.getByRole('region', { name: 'Rows' });
    await rows.getByRole('columnheader', { name: 'petal_width' }).waitFor();
    await rows.getByRole('row', { name: /^1 setosa \d+ % 3 1 2 0/ }).waitFor();
    const time = page.getByRole('table', { name: 'Milliseconds per stage' });
    assert.match((await time.textContent()) ?? '', /inference[\d.]+ ms.*total/);
    await there.assertAccessible();
    await there.shoot('prediction');
  });

  it('says that a prediction is not known', async () => {
    await there.open('/predictions/0190a5c8-0000-7000-8000-000000000000');
    await there.page.getByRole('alert').getByText('PREDICTION_NOT_FOUND').waitFor();
    await there.shoot('prediction-unknown');
  });

  it('starts a job with a file, counts wrong rows, and gives the result', async () => {
    const { page } = there;
    await there.open('/jobs');
    const lines = Array.from({ length: 40 }, (_, i) => `${i % 7},${i % 5},${i % 3},${i % 2}`);
    const text = [features.join(','), ...lines, '1,2,x,4'].join('\n');
    await page.getByLabel('Model').selectOption({ label: 'iris' });
    const file = { name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(text) };
    await page.getByLabel('File of rows').setInputFiles(file);
    await there.assertAccessible();
    await page.getByRole('button', { name: 'Start' }).click();
    const row = page.getByRole('group', { name: 'jobs' }).getByRole('row').nth(1);
    await row.getByText('41 of 41 rows').waitFor();
    await row.getByText('1 row is wrong').waitFor();
    await there.assertAccessible();
    await there.shoot('jobs-done');
    const saving = page.waitForEvent('download');
    await row.getByRole('button', { name: 'Download' }).click();
    const saved = await saving;
    assert.match(saved.suggestedFilename(), /^[0-9a-f-]{36}\.csv$/);
    const result = await readFile(await saved.path(), 'utf8');
    assert.equal(result.trim().split('\n').length, 42);
    assert.match(result, /^sepal_length,.*,prediction,confidence,probabilities,error/);
  });

  it('shows how far a long job is, and cancels it', async () => {
    const { page } = there;
    const lines = Array.from({ length: 400_000 }, (_, i) => `${i % 7},${i % 5},${i % 3},${i % 2}`);
    const buffer = Buffer.from([features.join(','), ...lines].join('\n'));
    await page
      .getByLabel('File of rows')
      .setInputFiles({ name: 'long.csv', mimeType: 'text/csv', buffer });
    await page.getByRole('button', { name: 'Start' }).click();
    const row = page.getByRole('group', { name: 'jobs' }).getByRole('row').nth(1);
    await row.getByText(/rows per second, .* left/).waitFor();
    await there.assertAccessible();
    await there.shoot('jobs-running');
    await row.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
    await row.getByText('cancelled').waitFor();
    assert.doesNotMatch((await row.textContent()) ?? '', /400,000 of 400,000/);
  });

  it('says what is wrong with a file, and deletes a job', async () => {
    const { page } = there;
    const buffer = Buffer.from('a picture, perhaps');
    await page
      .getByLabel('File of rows')
      .setInputFiles({ name: 'rows.xlsx', mimeType: 'application/zip', buffer });
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('alert').getByText('MEDIA_TYPE_UNSUPPORTED').waitFor();
    await there.assertAccessible();
    await there.shoot('jobs-refused');
    const row = page.getByRole('group', { name: 'jobs' }).getByRole('row').nth(1);
    await row.getByRole('button', { name: 'Delete job' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete job' }).click();
    await page.getByText('cancelled').waitFor({ state: 'detached' });
    assert.deepEqual(there.complaints, []);
  });

  it('fits a narrow, dark screen', async () => {
    const narrow = await visit(browser, server, { width: 390, height: 800, dark: true });
    for (const [path, name] of [
      ['/predictions', 'predictions'],
      ['/jobs', 'jobs'],
    ] as const) {
      await narrow.open(path);
      await narrow.page.getByRole('group', { name }).waitFor();
      assert.equal(await narrow.page.evaluate('document.documentElement.scrollWidth'), 390);
      await narrow.assertAccessible();
      await narrow.shoot(`${name}-narrow-dark`);
    }
    assert.deepEqual(narrow.complaints, []);
    await narrow.close();
  });
});
