import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { openBrowser, visit } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Bytes, compressed, of everything that the first page asks for. */
const most = 250_000;

describe('the first page', () => {
  let server: TestServer;
  let browser: Browser;

  before(async () => {
    server = await startTestServer();
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  it('is light, and shows something at once', async (t) => {
    const there = await visit(browser, server);
    const bodies: Promise<Buffer>[] = [];
    there.page.on('response', (response) => {
      if (response.url().startsWith(`${server.url}/app/`)) bodies.push(response.body());
    });
    await there.open('/');
    await there.page.getByRole('heading', { name: 'Playground' }).waitFor();
    const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
    const sum = sizes.reduce((all, size) => all + size, 0);
    const paint = await there.page.evaluate(
      "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1",
    );
    t.diagnostic(
      `${sizes.length} files, ${sum} bytes compressed, first paint after ${String(paint)} ms`,
    );
    assert.ok(sizes.length >= 3);
    assert.ok(sizes.length <= 12, `${sizes.length} files`);
    assert.ok(sum < most, `${sum} bytes`);
    assert.ok(Number(paint) > 0);
    await there.close();
  });

  it('has a shape before any script has run', async () => {
    const there = await visit(browser, server);
    await there.page.route('**/*.js', async () => {});
    await there.page.goto(`${server.url}/app/`, { waitUntil: 'commit' });
    await there.page.getByText('Fovea', { exact: true }).waitFor();
    await there.close();
  });

  it('may run and reach nothing but this server', async () => {
    const response = await server.fetch('/app/models');
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(response.headers.get('content-encoding') ?? '', /^(br|gzip)$/);
    await response.text();
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  });

  it('takes a picture that is pasted, and one that is dropped', async () => {
    const there = await visit(browser, server);
    await there.open('/');
    await there.page.getByRole('heading', { name: 'Playground' }).waitFor();
    for (const [type, holder] of [
      ['paste', 'clipboardData'],
      ['drop', 'dataTransfer'],
    ] as const) {
      await there.page.evaluate(`(async () => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 200, height: 160 });
        canvas.getContext('2d').fillRect(20, 20, 90, 70);
        const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
        const data = new DataTransfer();
        data.items.add(new File([blob], '${type}.png', { type: 'image/png' }));
        const at = '${type}' === 'paste' ? document.body : document.querySelector('[data-over]');
        const event = '${type}' === 'paste'
          ? new ClipboardEvent('paste', { ${holder}: data, bubbles: true })
          : new DragEvent('drop', { ${holder}: data, bubbles: true, cancelable: true });
        at.dispatchEvent(event);
      })()`);
      await there.page.getByRole('heading', { name: `${type}.png` }).waitFor();
    }
    assert.deepEqual(there.complaints, []);
    await there.close();
  });
});
