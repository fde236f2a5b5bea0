import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, visit, type Visit } from '../support/browser.ts';
import { form, photo, startTestServer, type TestServer } from '../support/server.ts';

describe('kept images in the console', () => {
  let server: TestServer;
  let browser: Browser;
  let there: Visit;

  before(async () => {
    server = await startTestServer();
    browser = await openBrowser();
    there = await visit(browser, server);
    await there.open('/images');
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  const keep = async (name: string): Promise<string> => {
    const init = { method: 'POST', body: form(await photo(name)) };
    const response = await server.fetch('/api/v1/validate/image', init);
    return ((await response.json()) as { image_id: string }).image_id;
  };

  it('says that none is kept, and how one comes', async () => {
    await there.page.getByRole('heading', { name: 'No image is kept' }).waitFor();
    await there.assertAccessible();
    await there.shoot('images-empty');
  });

  it('shows what is kept, as pictures', async () => {
    const { page } = there;
    for (const name of ['astronaut.png', 'coffee.png', 'rocket.jpg']) await keep(name);
    await there.open('/images');
    const cards = page.getByRole('list', { name: 'Kept images' }).getByRole('listitem');
    await cards.nth(2).locator('img').waitFor();
    assert.equal(await cards.count(), 3);
    await page.waitForFunction(
      "[...document.querySelectorAll('main img')].every((image) => image.naturalWidth > 0)",
    );
    await there.assertAccessible();
    await there.shoot('images');
  });

  it('opens one in the playground, under the id that it has', async () => {
    const { page } = there;
    const id = await keep('coffee.png');
    await page.getByRole('link', { name: `image ${id.slice(-8)}` }).click();
    await page.getByText('Valid: it keeps every rule').waitFor();
    await page.getByText(id).waitFor();
    await there.assertAccessible();
    await there.shoot('images-in-playground');
    await page.reload();
    await page.getByText('Valid: it keeps every rule').waitFor();
    await page.getByText(id).waitFor();
  });

  it('deletes one, with a question first', async () => {
    const { page } = there;
    const id = await keep('coffee.png');
    await page.getByRole('link', { name: 'Images', exact: true }).click();
    const card = page.getByRole('listitem').filter({ hasText: id.slice(-8) });
    await card.getByRole('button', { name: 'Delete' }).click();
    await there.assertAccessible();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await card.waitFor({ state: 'detached' });
    assert.equal((await server.fetch(`/api/v1/images/${id}`)).status, 404);
  });

  it('says in the playground that an image is gone', async () => {
    await there.open('/?image=0190a5c8-0000-4000-8000-000000000000');
    await there.page.getByRole('alert').getByText('IMAGE_NOT_FOUND').waitFor();
  });

  it('fits a narrow, dark screen', async () => {
    const narrow = await visit(browser, server, { width: 390, height: 800, dark: true });
    await narrow.open('/images');
    await narrow.page.getByRole('listitem').locator('img').first().waitFor();
    assert.equal(await narrow.page.evaluate('document.documentElement.scrollWidth'), 390);
    await narrow.assertAccessible();
    await narrow.shoot('images-narrow-dark');
    assert.deepEqual([...there.complaints, ...narrow.complaints], []);
    await narrow.close();
  });
});
