import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { Database } from '../../src/db/database.ts';
import { PredictionRollups } from '../../src/db/prediction-rollups.ts';
import type { StoredPrediction } from '../../src/db/stored-prediction.ts';
import { openBrowser, visit, type Visit } from '../support/browser.ts';
import { embeddedServer } from '../support/postgres.ts';
import {
  normal,
  predictionAt,
  predictionTable,
  seededRandom,
  textsOf,
} from '../support/predictions.ts';
import { form, photo, startTestServer, until, type TestServer } from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';

const features = ['sepal length', 'sepal width', 'petal length', 'petal width'];
const flowers = ['setosa', 'versicolor', 'virginica'] as const;
const hour = 3_600_000;

/** A hundred predictions in the last seconds, images twice each, and mistakes. */
async function work(server: TestServer): Promise<void> {
  const id = await upload(server, 'bouquets');
  for (const name of ['astronaut.png', 'astronaut.png', 'coffee.png', 'coffee.png'])
    await server.fetch('/api/v1/analyze/image', { method: 'POST', body: form(await photo(name)) });
  const nonsense = form(new TextEncoder().encode('no picture'));
  await server.fetch('/api/v1/analyze/image', { method: 'POST', body: nonsense });
  for (let i = 0; i < 60; i += 1)
    await server.fetch(`/api/v1/predict/${id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: [[5 + i / 50, 3, 1.4, 0.2]] }),
    });
}

async function upload(server: TestServer, name: string): Promise<string> {
  const body = form(linearClassifier({ zipmap: true }), { name }, `${name}.onnx`);
  const uploaded = await server.fetch('/api/v1/models/upload', { method: 'POST', body });
  return ((await uploaded.json()) as { id: string }).id;
}

/** Eight days of predictions, busier at noon; on the last day petals are longer and classes others. */
function history(modelId: string): StoredPrediction[] {
  const random = seededRandom(3);
  const now = Date.now();
  return Array.from({ length: 6_000 }, (_, i) => {
    const today = i % 2 === 0;
    const ago = today ? random() * 24 * hour : (24 + random() * 7 * 24) * hour;
    const at = new Date(now - ago);
    const ok = random() > 0.02;
    const cached = random() < 0.15;
    const inferenceMs = cached ? 0 : 0.8 * Math.exp(0.5 * normal(random));
    const queueMs = 0.05 * Math.exp(normal(random));
    return predictionAt(at, {
      modelId,
      ok,
      ...(ok ? {} : { errorCode: random() < 0.8 ? 'PREDICT_FAILED' : 'WORKER_LOST' }),
      cached,
      features,
      latency: { queueMs, loadMs: 0, inferenceMs, totalMs: queueMs + inferenceMs + 0.3 },
      inputs: [
        [
          5.8 + normal(random) * 0.8,
          3 + normal(random) * 0.4,
          (today ? 5 : 3.7) + normal(random) * 1.2,
          1.2 + normal(random) * 0.7,
        ],
      ],
      confidence: ok ? [Math.min(1, 0.4 + 0.6 * Math.sqrt(random()))] : [],
      predictedClasses: ok ? { [flowers[Math.floor(random() ** 2 * 3)] ?? 'setosa']: 1 } : {},
    });
  });
}

describe('the dashboards', () => {
  let server: TestServer;
  let browser: Browser;
  let there: Visit;
  let model: string;
  let database: Database;

  before(async () => {
    const { target } = await embeddedServer();
    const address = `${target.user}:${target.password ?? ''}@${target.host}:${target.port}`;
    server = await startTestServer({ DATABASE_URL: `postgres://${address}/${target.database}` });
    database = new Database({
      source: {
        name: 'the history',
        start: () => Promise.resolve(target),
        stop: () => Promise.resolve(),
        onLost: () => {},
      },
    });
    database.start();
    await database.ready(60_000);
    browser = await openBrowser();
    there = await visit(browser, server);
  });
  after(async () => {
    await browser.close();
    await database.close();
    await server.close();
  });

  it('says that nothing was predicted yet', async () => {
    await there.open('/dashboards');
    await there.page.getByLabel('24 hours').check();
    await there.page.getByRole('heading', { name: 'No prediction in the last 24 hours' }).waitFor();
    await there.assertAccessible();
    await there.shoot('dashboards-empty');
  });

  it('shows what the server does, as it happens', async () => {
    await there.page.getByLabel('5 minutes').check();
    const { page } = there;
    const chart = page.getByRole('region', { name: 'Traffic' });
    await chart.getByRole('img').waitFor();
    await work(server);
    await until('traffic in the chart', async () => {
      const value = await chart.locator('figcaption strong').first().textContent();
      return value !== null && Number.parseFloat(value) > 0;
    });
    const workers = page.getByRole('group', { name: 'worker groups' });
    await workers.getByRole('row', { name: /vision \d+ open/ }).waitFor();
    const breakers = page.getByRole('group', { name: 'dependencies' });
    await breakers.getByRole('row', { name: 'database answers 0' }).waitFor();
    await page
      .getByRole('group', { name: 'errors by code' })
      .getByText('IMAGE_FORMAT_UNSUPPORTED')
      .waitFor();
    await there.assertAccessible();
    await there.shoot('dashboards-live');
  });

  it('has every figure of a chart in a table, by keyboard alone', async () => {
    const { page } = there;
    const latency = page.getByRole('region', { name: 'Latency of image analysis' });
    await latency.getByRole('radio', { name: 'inference' }).focus();
    await page.keyboard.press('ArrowRight');
    assert.ok(await latency.getByRole('radio', { name: 'queue' }).isChecked());
    await latency.locator('summary').focus();
    await page.keyboard.press('Enter');
    const rows = latency.getByRole('row');
    await rows.nth(2).waitFor();
    assert.match((await rows.first().textContent()) ?? '', /Timep50p95p99/);
    await there.assertAccessible();
  });

  it('shows a day of predictions', async () => {
    const { page } = there;
    model = await upload(server, 'iris');
    await predictionTable(database).insert(textsOf(history(model)));
    await new PredictionRollups(database).refresh();
    await page.getByLabel('24 hours').check();
    await page.getByRole('group', { name: 'models asked' }).getByText('iris').waitFor();
    await page
      .getByRole('group', { name: 'errors of predictions' })
      .getByText('PREDICT_FAILED')
      .waitFor();
    await there.assertAccessible();
    await there.shoot('dashboards-day');
  });

  it('shows what one model said, and how sure it was', async () => {
    const { page } = there;
    await page.getByRole('link', { name: 'iris' }).first().click();
    await page.getByRole('table', { name: 'Predicted classes, by row' }).waitFor();
    await page.getByRole('img', { name: 'How often each confidence came' }).waitFor();
    const drift = page.getByRole('group', { name: 'drift by feature' });
    await drift.getByRole('row', { name: /petal length numeric \d\.\d+ major/ }).waitFor();
    await drift.getByRole('row', { name: /sepal width numeric 0\.0\d+ stable/ }).waitFor();
    assert.match(page.url(), new RegExp(`/app/dashboards/models/${model}$`));
    await there.assertAccessible();
    await there.shoot('model-dashboard');
  });

  it('fits a narrow, dark screen', async () => {
    const narrow = await visit(browser, server, { width: 390, height: 800, dark: true });
    await narrow.open('/dashboards');
    await narrow.page.getByRole('group', { name: 'worker groups' }).waitFor();
    await narrow.assertAccessible();
    await narrow.shoot('dashboards-narrow-dark');
    assert.equal(await narrow.page.evaluate('document.documentElement.scrollWidth'), 390);
    assert.deepEqual(narrow.complaints, []);
    await narrow.close();
  });

  it('asked no other host for anything, broke no policy and threw no error', () => {
    assert.deepEqual(there.complaints, []);
  });
});
