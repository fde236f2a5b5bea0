import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { call, login, ok, password, person, register, type Person } from '../support/accounts.ts';
import { openBrowser, visit, type Visit } from '../support/browser.ts';
import { form, photo, startTestServer, type TestServer } from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';

/** What the administrator has, by the pages that show it. */
interface Things {
  readonly model: string;
  readonly prediction: string;
  readonly image: string;
  readonly session: string;
  readonly collection: string;
}

describe('the console with accounts', { concurrency: false }, () => {
  let server: TestServer;
  let browser: Browser;
  let ada: string;
  let things: Things;
  const people: Person[] = [];

  before(async () => {
    server = await startTestServer({ FOVEA_AUTH: 'required', FOVEA_REGISTRATION: 'open' });
    await register(server, 'ada@example.org');
    ada = (await login(server, 'ada@example.org')).access_token;
    people.push(await person(server, 'grace@example.org'));
    people.push(await person(server, 'vera@example.org', { role: 'viewer', admin: ada }));
    things = await belongings(server, ada);
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  /** A browser in which somebody signs in on a page, and is led back to it. */
  async function signedIn(email: string, path: string, heading: string): Promise<Visit> {
    const there = await visit(browser, server);
    await there.open(path);
    await there.page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await signIn(there, email);
    await there.page.getByRole('heading', { name: heading, exact: true }).waitFor();
    return there;
  }

  async function signIn({ page }: Visit, email: string): Promise<void> {
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  it('shows an administrator everything, from the page that was asked for', async () => {
    const there = await signedIn('ada@example.org', '/models', 'Models');
    const { page } = there;
    await page.getByRole('link', { name: 'iris' }).waitFor();
    await page.getByRole('button', { name: 'Set up' }).waitFor();
    await there.open('/dashboards');
    await page.getByRole('heading', { name: 'Workers now' }).waitFor();
    assert.deepEqual(there.complaints, []);
    await there.close();
  });

  for (const [who, name] of [
    ['grace@example.org', 'a member'],
    ['vera@example.org', 'a viewer'],
  ] as const) {
    it(`shows ${name} nothing of others, and says so`, async () => {
      const there = await signedIn(who, '/models', 'Models');
      const { page } = there;
      await page.getByRole('heading', { name: 'No model here' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Set up' }).count(), 0);
      assert.equal(await page.getByRole('button', { name: /^Fetch/ }).count(), 0);
      for (const [path, code] of [
        [`/models/${things.model}`, 'MODEL_NOT_FOUND'],
        [`/dashboards/models/${things.model}`, 'MODEL_NOT_FOUND'],
        [`/predictions/${things.prediction}`, 'PREDICTION_NOT_FOUND'],
        [`/sessions/${things.session}`, 'SESSION_NOT_FOUND'],
        [`/people/${things.collection}`, 'COLLECTION_NOT_FOUND'],
      ] as const) {
        await there.open(path);
        await page.getByRole('alert').getByText(code).waitFor();
        assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
      }
      for (const [path, nothing] of [
        ['/sessions', 'No session now'],
        ['/predictions', /^No prediction/],
        ['/jobs', 'No job yet'],
        ['/images', 'No image is kept'],
        ['/people', 'No collection yet'],
        ['/dashboards', 'The live view is for administrators'],
      ] as const) {
        await there.open(path);
        await page.getByRole('heading', { name: nothing }).waitFor();
      }
      await there.open('/access');
      await page.getByRole('tab', { name: 'Password' }).waitFor();
      for (const tab of ['Users', 'Invites', 'Audit log'])
        assert.equal(await page.getByRole('tab', { name: tab }).count(), 0);
      assert.deepEqual(there.complaints, []);
      await there.close();
    });
  }

  it('tells a viewer why nothing can be changed, and shows the refusal of a try', async () => {
    const there = await signedIn('vera@example.org', '/people', 'People');
    const { page } = there;
    await page.getByText('Your account may look, but send and change nothing.').waitFor();
    await page.getByRole('button', { name: 'Make a collection' }).first().click();
    await page.getByLabel('Name').fill('friends');
    await page.getByRole('dialog').getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('dialog').getByRole('alert').getByText('FORBIDDEN').waitFor();
    await there.assertAccessible();
    await there.shoot('viewer-refused');
    await there.close();
  });

  it('asks to sign in when the login ends elsewhere, and comes back to the page', async () => {
    const there = await signedIn('grace@example.org', '/models', 'Models');
    const { page } = there;
    const grace = people[0]?.token ?? '';
    // Another password ends every other login.
    await ok(server, 'POST /api/v1/auth/password', {
      token: grace,
      body: { current_password: password, new_password: `${password} again` },
    });
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('heading', { name: 'Sign in to go on' }).waitFor();
    await there.assertAccessible();
    await there.shoot('login-ended');
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('E-mail address').fill('grace@example.org');
    await page.getByLabel('Password').fill(`${password} again`);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'No collection yet' }).waitFor();
    assert.deepEqual(there.complaints, []);
    await there.close();
  });

  it('gets another token when the server does not take the one it has', async () => {
    const there = await signedIn('ada@example.org', '/sessions', 'Sessions');
    const { page } = there;
    // Replaced keys and a clock that is wrong look alike to the page: a token that should count does not.
    await page.evaluate(
      `{ const login = JSON.parse(localStorage.getItem('fovea.login'));
         localStorage.setItem('fovea.login', JSON.stringify({ ...login, access_token: 'worn.out.token' })); }`,
    );
    await page.getByRole('link', { name: 'Images' }).click();
    await page.getByRole('link', { name: /^Open in the playground/ }).waitFor();
    assert.equal(await page.getByRole('heading', { name: 'Sign in to go on' }).count(), 0);
    assert.deepEqual(there.complaints, []);
    await there.close();
  });
});

async function belongings(server: TestServer, token: string): Promise<Things> {
  const headers = { authorization: `Bearer ${token}` };
  const send = async (path: string, body: FormData): Promise<Record<string, string>> =>
    (await (await server.fetch(path, { method: 'POST', headers, body })).json()) as Record<
      string,
      string
    >;
  const file = new FormData();
  file.set('name', 'iris');
  file.set('file', new Blob([linearClassifier()]), 'iris.onnx');
  const { id: model = '' } = await send('/api/v1/models/upload', file);
  const { image_id: image = '' } = await send(
    '/api/v1/validate/image',
    form(await photo('coffee.png')),
  );
  const made = async (path: string, body: unknown, key: string): Promise<string> =>
    String((await call(server, `POST /api/v1/${path}`, { token, body })).body[key]);
  return {
    model,
    image,
    prediction: await made(`predict/${model}`, { inputs: [[1, 2, 3, 4]] }, 'prediction_id'),
    session: await made('sessions', { metadata: { camera: 'gate' } }, 'session_id'),
    collection: await made('collections', { name: 'staff' }, 'id'),
  };
}
