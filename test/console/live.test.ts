import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, WebSocketRoute } from 'playwright-core';
import type { KeptDetection, Session } from '../../src/protocol/session.ts';
import { openBrowser, visit, type Visit } from '../support/browser.ts';
import { movingVideo } from '../support/moving-video.ts';
import { photo, startTestServer, until, type TestServer } from '../support/server.ts';
import { getJson } from '../support/user-models.ts';

interface List<T> {
  readonly items: readonly T[];
}

describe('live in the console', () => {
  let server: TestServer;
  let browser: Browser;
  let there: Visit;
  let video: { name: string; mimeType: string; buffer: Buffer };

  before(async () => {
    server = await startTestServer();
    browser = await openBrowser();
    there = await visit(browser, server);
    await there.open('/live');
    const buffer = await movingVideo(there.page, await photo('astronaut.png'), 4);
    video = { name: 'astronaut.webm', mimeType: 'video/webm', buffer };
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  const sessions = async (status: Session['status']): Promise<readonly Session[]> =>
    (await getJson<List<Session>>(server, `/api/v1/sessions?status=${status}`)).items;
  const startFile = async ({ page }: Visit): Promise<void> => {
    await page.getByRole('radio', { name: 'Video file' }).check();
    await page.getByLabel('Video', { exact: true }).setInputFiles(video);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.locator('[data-track]').first().waitFor();
  };
  /** A count of the strip of figures. */
  const figure = async ({ page }: Visit, name: string): Promise<number> => {
    const entry = page.locator('dl > div', { has: page.getByText(name, { exact: true }) });
    return Number(/(\d+) frames?/.exec((await entry.textContent()) ?? '')?.[1] ?? 0);
  };

  it('says what it is for before anything runs', async () => {
    const { page } = there;
    await page.getByText('Choose where the picture comes from, then start.').waitFor();
    await page
      .getByLabel('Model')
      .getByRole('option', { name: 'centernet' })
      .waitFor({ state: 'attached' });
    await there.assertAccessible();
    await there.shoot('live-empty');
  });

  it('follows somebody through a video, under one number', async () => {
    const { page } = there;
    await startFile(there);
    const track = await page.locator('[data-track]').first().getAttribute('data-track');
    await until('ten answers', async () => (await figure(there, 'Answered')) >= 10);
    assert.equal(await page.locator(`[data-track="${track}"]`).count(), 1);
    const followed = page.getByRole('region', { name: 'Followed' });
    const row = followed.getByRole('row', { name: new RegExp(`^#${track?.split('-')[1]} person`) });
    const [, , , frames] = await row.getByRole('cell').allTextContents();
    assert.ok(Number(frames) >= 8, `followed over ${frames} frames`);
    const answered = await figure(there, 'Answered'); // read first: both go on growing
    assert.ok((await figure(there, 'Sent')) >= answered);
    await there.assertAccessible();
    await there.shoot('live-video');
  });

  it('changes model, rate and what is kept while it runs', async () => {
    const { page } = there;
    const [session] = await sessions('active');
    await page.getByLabel('Keep the frames').check();
    await page.getByLabel('Model').selectOption('centernet');
    await page.getByLabel('Frames', { exact: true }).selectOption('5');
    const path = `/api/v1/sessions/${session?.session_id}/detections?limit=1`;
    await until('a kept frame', async () => {
      const [newest] = (await getJson<List<KeptDetection>>(server, path)).items;
      return newest?.image_id !== null && newest?.models[0]?.name === 'centernet';
    });
  });

  it('ends the session when it is stopped', async () => {
    const { page } = there;
    const [session] = await sessions('active');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('The session is over.').waitFor();
    const ended = await sessions('ended');
    assert.ok(ended.some(({ session_id }) => session_id === session?.session_id));
    await there.assertAccessible();
    await there.shoot('live-over');
  });

  it('says when somebody else ends the session, and begins no other by itself', async () => {
    const { page } = there;
    await page.getByRole('button', { name: 'Start' }).click();
    await page.locator('[data-track]').first().waitFor();
    const [session] = await sessions('active');
    await server.fetch(`/api/v1/sessions/${session?.session_id}`, { method: 'DELETE' });
    await page.getByRole('alert').getByText('The session was ended.').waitFor();
    await there.shoot('live-ended-elsewhere');
    assert.deepEqual(await sessions('active'), []);
  });

  it('takes the camera, and ends the session with the page', async () => {
    const { page } = there;
    await page.getByRole('radio', { name: 'Camera' }).check();
    await page.getByRole('button', { name: 'Start' }).click();
    await until('the session', async () => (await sessions('active')).length === 1);
    await until('answers', async () => (await figure(there, 'Answered')) >= 3);
    await there.shoot('live-camera');
    await page.getByRole('link', { name: 'Sessions', exact: true }).click();
    await until('the end', async () => (await sessions('active')).length === 0);
    assert.deepEqual(there.complaints, []);
  });

  it('connects again only when told to, and says that it was lost, on a narrow, dark screen', async () => {
    const narrow = await visit(browser, server, { width: 390, height: 800, dark: true });
    const { page } = narrow;
    const routes: WebSocketRoute[] = [];
    await page.routeWebSocket(/\/stream\?/, (route) => {
      route.connectToServer();
      routes.push(route);
    });
    await narrow.open('/live');
    await startFile(narrow);
    await narrow.shoot('live-narrow-dark');
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390);
    await routes[0]?.close({ code: 1001, reason: 'the server stops' });
    const alert = page.getByRole('alert');
    await alert.getByText('The server is about to stop.').waitFor();
    await narrow.assertAccessible();
    await narrow.shoot('live-lost');
    assert.equal(routes.length, 1);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Connected', { exact: true }).nth(1).waitFor();
    assert.equal(routes.length, 2);
    const before = await figure(narrow, 'Answered');
    await until('more answers', async () => (await figure(narrow, 'Answered')) > before + 2);
    assert.equal((await sessions('active')).length, 1);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('The session is over.').waitFor();
    assert.deepEqual(narrow.complaints, []);
    await narrow.close();
  });
});
