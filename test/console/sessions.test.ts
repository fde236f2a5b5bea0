import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Session, SessionDetection } from '../../src/protocol/session.ts';
import { openBrowser, visit, type Visit } from '../support/browser.ts';
import { form, photo, startTestServer, type TestServer } from '../support/server.ts';

describe('sessions in the console', () => {
  let server: TestServer;
  let browser: Browser;
  let there: Visit;

  before(async () => {
    server = await startTestServer();
    browser = await openBrowser();
    there = await visit(browser, server);
    await there.open('/sessions');
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  const begin = async (metadata: object): Promise<string> => {
    const response = await server.fetch('/api/v1/sessions', {
      method: 'POST',
      body: JSON.stringify({ metadata }),
      headers: { 'content-type': 'application/json' },
    });
    return ((await response.json()) as Session).session_id;
  };
  const detect = async (id: string, name: string, query = ''): Promise<SessionDetection> => {
    const body = form(await photo(name));
    const init = { method: 'POST', body };
    const response = await server.fetch(`/api/v1/sessions/${id}/detect${query}`, init);
    assert.equal(response.status, 200);
    return (await response.json()) as SessionDetection;
  };

  it('says that there is none, and what one is for', async () => {
    await there.page.getByRole('heading', { name: 'No session now' }).waitFor();
    await there.assertAccessible();
    await there.shoot('sessions-empty');
  });

  it('begins one, and refuses metadata that is no object before it is sent', async () => {
    const { page } = there;
    await page.getByRole('button', { name: 'Begin a session' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('North gate');
    await dialog.getByLabel('More metadata').fill('gate 7');
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await dialog.getByText('This is not a JSON object.').waitFor();
    await there.assertAccessible();
    await there.shoot('sessions-begin');
    await dialog.getByLabel('More metadata').fill('{"camera": "gate 7"}');
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('heading', { name: 'North gate', level: 1 }).waitFor();
    await page.getByRole('heading', { name: 'No frame yet' }).waitFor();
    await there.assertAccessible();
    await there.shoot('session-new');
  });

  it('shows frames and sums as they come, and a kept frame with its boxes', async () => {
    const { page } = there;
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    await detect(id, 'astronaut.png', '?keep_frame=true');
    await detect(id, 'coffee.png');
    const frames = page.getByRole('region', { name: 'Frames' });
    await frames.getByRole('row', { name: /1 person.* kept/ }).waitFor();
    const summary = page.getByRole('region', { name: 'Summary' });
    await summary.getByRole('row', { name: /^person 1 1/ }).waitFor();
    assert.match((await summary.textContent()) ?? '', /95 % within[\d.]+ m?s/);
    await frames.getByLabel('That show').selectOption('person');
    await frames.getByRole('row', { name: /cup/ }).waitFor({ state: 'detached' });
    await frames.getByRole('button', { name: 'Show' }).click();
    const frame = page.getByRole('region', { name: /^Frame of/ });
    await frame.getByRole('button', { name: /#1 person 0\.\d\d/ }).waitFor();
    await frame.locator('svg image').waitFor();
    await there.assertAccessible();
    await there.shoot('session-frame');
  });

  it('says that a frame was not kept, and draws its boxes all the same', async () => {
    const { page } = there;
    await page.getByLabel('That show').selectOption('');
    await page
      .getByRole('row', { name: /not kept/ })
      .getByRole('button', { name: 'Show' })
      .click();
    await page.getByText('This frame was not kept.').waitFor();
    await there.shoot('session-frame-not-kept');
  });

  it('names filter and frame in its address: a reload and the way back show the same', async () => {
    const { page } = there;
    await page.getByLabel('That show').selectOption('cup');
    await page.waitForURL(/class=cup/);
    await page.reload();
    await page.getByText('This frame was not kept.').waitFor();
    await page.getByRole('row', { name: /1 cup,/ }).waitFor();
    assert.equal(await page.getByLabel('That show').inputValue(), 'cup');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.waitForURL(/\?class=cup$/);
    await page.goBack();
    await page.getByText('This frame was not kept.').waitFor();
  });

  it('edits what is remembered with it', async () => {
    const { page } = there;
    await page.getByRole('button', { name: 'Edit the metadata' }).click();
    const dialog = page.getByRole('dialog');
    assert.match(await dialog.getByLabel('More metadata').inputValue(), /"camera": "gate 7"/);
    await dialog.getByLabel('More metadata').fill('gate 8');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('This is not a JSON object.').waitFor();
    await dialog.getByLabel('Name').fill('North gate, left');
    await dialog.getByLabel('More metadata').fill('{"camera": "gate 8"}');
    await there.assertAccessible();
    await there.shoot('session-edit');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'North gate, left', level: 1 }).waitFor();
    await page.getByRole('region', { name: 'Session' }).getByText('"gate 8"').waitFor();
    await dialog.waitFor({ state: 'detached' });
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const { metadata } = (await (await server.fetch(`/api/v1/sessions/${id}`)).json()) as Session;
    assert.deepEqual(metadata, { name: 'North gate, left', camera: 'gate 8' });
  });

  it('ends it, with a question first', async () => {
    const { page } = there;
    await page.getByRole('button', { name: 'End session' }).click();
    await there.assertAccessible();
    await page.getByRole('dialog').getByRole('button', { name: 'End session' }).click();
    await page.getByRole('region', { name: 'Session' }).getByText('ended').waitFor();
    assert.equal(await page.getByRole('button', { name: 'End session' }).count(), 0);
  });

  it('lists sessions live, filtered by status', async () => {
    const { page } = there;
    await page.getByRole('link', { name: 'Sessions', exact: true }).click();
    await page
      .getByRole('row', { name: /North gate/ })
      .getByText('ended')
      .waitFor();
    const other = await begin({ camera: 'gate 9', lane: 2 });
    await page
      .getByRole('row', { name: /camera gate 9, lane 2/ })
      .getByText('created')
      .waitFor();
    await detect(other, 'rocket.jpg');
    await page
      .getByRole('row', { name: /camera gate 9/ })
      .getByText('active')
      .waitFor();
    await there.assertAccessible();
    await there.shoot('sessions');
    await page.getByLabel('Status').selectOption('ended');
    await page.getByRole('row', { name: /gate 9/ }).waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /North gate/ }).waitFor();
  });

  it('says that a session is not known', async () => {
    await there.open('/sessions/0190a5c8-0000-4000-8000-000000000000');
    await there.page.getByRole('alert').getByText('SESSION_NOT_FOUND').waitFor();
    await there.assertAccessible();
    await there.shoot('session-unknown');
  });

  it('fits a narrow, dark screen', async () => {
    const narrow = await visit(browser, server, { width: 390, height: 800, dark: true });
    await narrow.open('/sessions');
    await narrow.page.getByRole('link', { name: 'North gate' }).click();
    await narrow.page.getByRole('button', { name: 'Show' }).last().click();
    await narrow.page.locator('svg image').waitFor();
    assert.equal(await narrow.page.evaluate('document.documentElement.scrollWidth'), 390);
    await narrow.assertAccessible();
    await narrow.shoot('session-narrow-dark');
    assert.deepEqual([...there.complaints, ...narrow.complaints], []);
    await narrow.close();
  });
});
