import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { locateSource } from '../../src/hub/sources.ts';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import { openBrowser, visit } from '../support/browser.ts';
import { FakeHub } from '../support/fake-hub.ts';
import { startTestServer } from '../support/server.ts';

/** A server with a model on a hub that refuses at first and then is slow, and a browser that looks at it. */
async function setting(t: TestContext) {
  const models = await mkdtemp(join(tmpdir(), 'fovea-console-setup-'));
  t.after(async () => rm(models, { recursive: true, force: true }));
  const hub = await FakeHub.start(t);
  const content = await readFile(await locateSource(blazeface256.files[0]?.source ?? ''));
  hub.add('acme/faces/main/detector.onnx', content);
  const directory = join(models, 'hub-faces', '1');
  await mkdir(directory, { recursive: true });
  const files = [{ path: 'model.onnx', source: 'hf:acme/faces@main:detector.onnx' }];
  const manifest = { ...blazeface256, name: 'hub-faces', version: '1', files };
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
  const refusals = Array.from({ length: 5 }, () => ({ kind: 'status', status: 503 }) as const);
  hub.misbehave('hub', ...refusals);
  const server = await startTestServer({
    FOVEA_MODELS_DIR: models,
    HF_ENDPOINT: hub.url,
    FOVEA_WORKERS: '1',
    FOVEA_HUB_SILENCE: '2s',
  });
  t.after(() => server.close());
  const browser = await openBrowser();
  t.after(() => browser.close());
  return { hub, server, browser, there: await visit(browser, server) };
}

test('the models of the server', async (t) => {
  const { hub, server, browser, there } = await setting(t);
  const { page } = there;
  const models = page.getByRole('group', { name: 'models of the server' });
  const packs = page.getByRole('group', { name: 'packs' });

  await t.test('what failed stands first, with its code and what to do', async () => {
    await there.open('/models');
    const first = models.getByRole('row').nth(1);
    await first.getByText('HUB_UNREACHABLE').waitFor();
    assert.match((await first.textContent()) ?? '', /hub-faces/);
    await there.assertAccessible();
    await there.shoot('setup-failed');
  });

  await t.test('a download shows its share, its rate, and its end, as they happen', async () => {
    hub.pauseMs = 700;
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByRole('progressbar', { name: 'How much of hub-faces is here' }).waitFor();
    await models.getByText(/\d %.*B\/s/).waitFor();
    await there.assertAccessible();
    await there.shoot('setup-fetching');
    hub.pauseMs = 0;
    await models.getByRole('row', { name: /hub-faces 1 .* ready/ }).waitFor();
    await page.getByRole('button', { name: 'Set up', exact: true }).waitFor();
  });

  await t.test('terms are shown, and have to be accepted, before a pack is fetched', async () => {
    await packs
      .getByRole('row', { name: /buffalo_sc/ })
      .getByText('not accepted yet')
      .waitFor();
    await there.shoot('setup-packs');
    await page.getByRole('button', { name: 'Fetch buffalo_sc' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'The terms of buffalo_sc' });
    const accept = dialog.getByRole('button', { name: 'Accept and fetch' });
    assert.ok(await accept.isDisabled());
    await there.assertAccessible();
    await there.shoot('setup-licence');
    await dialog.getByRole('checkbox').press('Space');
    await accept.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await packs.getByRole('row', { name: /buffalo_sc.*accepted/ }).waitFor();
  });

  await t.test('fits a narrow, dark screen', async () => {
    const narrow = await visit(browser, server, { width: 390, height: 800, dark: true });
    await narrow.open('/models');
    await narrow.page.getByRole('group', { name: 'packs' }).waitFor();
    await narrow.assertAccessible();
    await narrow.shoot('setup-narrow-dark');
    assert.equal(await narrow.page.evaluate('document.documentElement.scrollWidth'), 390);
    await narrow.close();
  });

  await t.test('an event stream that is lost is said to be, and is opened again', async () => {
    const lost = page.getByText('not live: trying again');
    await page.route('**/setup/events', async (route) => await route.abort());
    await there.open('/models');
    await lost.waitFor();
    await page.unroute('**/setup/events');
    await lost.waitFor({ state: 'detached' });
    assert.deepEqual(there.complaints, []);
  });
});
