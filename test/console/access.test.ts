import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, visit, type Visit } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const password = 'a long enough password';

describe('access in the console', () => {
  let server: TestServer;
  let browser: Browser;
  let there: Visit;

  before(async () => {
    server = await startTestServer({ FOVEA_AUTH: 'required', FOVEA_REGISTRATION: 'invite' });
    browser = await openBrowser();
    there = await visit(browser, server);
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  it('asks for the first account, which is the administrator’s', async () => {
    const { page } = there;
    await there.open('/models');
    await page.getByRole('heading', { name: 'This server has no account yet' }).waitFor();
    await there.shoot('access-first');
    await page.getByRole('link', { name: 'Make the first account' }).click();
    await page.getByLabel('E-mail address').fill('ada@example.org');
    await page.getByLabel('Password').fill(password);
    await there.assertAccessible();
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('heading', { name: 'Models', exact: true }).waitFor(); // as was asked for
    await page.getByRole('button', { name: 'Your account: ada@example.org' }).waitFor();
  });

  it('stays signed in over a reload', async () => {
    await there.open('/access');
    await there.page.getByRole('heading', { name: 'API keys' }).waitFor();
  });

  it('makes a key that works, shows it once, and revokes it', async () => {
    const { page } = there;
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByLabel('Name').fill('shop');
    await page.getByLabel('Models: read').check();
    await there.assertAccessible();
    await there.shoot('access-new-key');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = (await page.getByLabel('the key', { exact: true }).textContent()) ?? '';
    const listed = async () =>
      (await server.fetch('/api/v1/models', { headers: { 'x-api-key': key } })).status;
    assert.equal(await listed(), 200);
    await page.getByRole('button', { name: 'I have it' }).click();
    await there.assertAccessible();
    await there.shoot('access-keys');
    await page.getByRole('button', { name: 'Revoke shop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke shop' }).click();
    await page.getByText('revoked').waitFor();
    assert.equal(await listed(), 401);
  });

  it('invites somebody, who makes an account with the code', async () => {
    const { page } = there;
    await page.getByRole('tab', { name: 'Invites' }).click();
    await page.getByRole('button', { name: 'Make an invite' }).click();
    const code = (await page.getByLabel('the invite code', { exact: true }).textContent()) ?? '';
    await there.assertAccessible();
    const guest = await visit(browser, server);
    await guest.open('/sign-in');
    await guest.page.getByRole('button', { name: 'Make one' }).click();
    await guest.page.getByLabel('E-mail address').fill('grace@example.org');
    await guest.page.getByLabel('Password').fill(password);
    await guest.page.getByLabel('Invite code').fill(code);
    await guest.page.getByRole('button', { name: 'Make the account' }).click();
    await guest.page.getByRole('heading', { name: 'Playground' }).waitFor();
    await guest.open('/access');
    await guest.page.getByRole('tab', { name: 'API keys' }).waitFor();
    assert.equal(await guest.page.getByRole('tab', { name: 'Users' }).count(), 0);
    assert.deepEqual(guest.complaints, []);
    await guest.close();
  });

  it('changes roles and shows who changed what', async () => {
    const { page } = there;
    await page.getByRole('tab', { name: 'Users' }).click();
    await page.getByLabel('Role of grace@example.org').selectOption('viewer');
    await there.assertAccessible();
    await there.shoot('access-users');
    await page.getByRole('tab', { name: 'Audit log' }).click();
    await page.getByText('api_key', { exact: false }).first().waitFor();
    await there.assertAccessible();
    await there.shoot('access-audit-log');
  });

  it('says that a password is wrong as the server says it, and signs out', async () => {
    const { page } = there;
    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to go on' }).waitFor();
    await there.open('/sign-in');
    await page.getByLabel('E-mail address').fill('ada@example.org');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('LOGIN_FAILED').waitFor();
    await there.shoot('access-refused');
    assert.deepEqual(there.complaints, []);
  });
});
