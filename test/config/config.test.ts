import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ConfigError, isLoopback, readConfig } from '../../src/config.ts';
import { allowedHosts, needsAccounts, registrationMode } from '../../src/compose/server-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'fovea-config-'));
after(() => rmSync(folder, { recursive: true }));

const nowhere = join(folder, 'missing.yaml');
function mistakesOf(environment: Record<string, string>, file = nowhere): readonly string[] {
  try {
    readConfig(environment, file);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.mistakes;
  }
  return [];
}

describe('configuration', () => {
  it('has defaults for an empty environment, frozen', () => {
    const config = readConfig({}, nowhere);
    assert.equal(config.HOST, '127.0.0.1');
    assert.equal(config.PORT, 8000);
    assert.equal(config.FOVEA_MAX_IMAGE_BYTES, 10 * 1024 * 1024);
    assert.equal(config.FOVEA_REQUEST_TIMEOUT, 30_000);
    assert.deepEqual(config.FOVEA_IMAGE_FORMATS, ['png', 'jpeg']);
    assert.deepEqual(config.FOVEA_REMOTE_PORTS, [80, 443]);
    assert.equal(config.DATABASE_URL, undefined);
    assert.ok(Object.isFrozen(config));
  });

  it('reports all mistakes together and hides secrets', () => {
    const mistakes = mistakesOf({
      PORT: 'x',
      FOVEA_WORKRES: '2',
      FOVEA_MAX_IMAGE_BYTES: 'ten',
      DATABASE_URL: 'mysql://me:hunter2@db/x',
    });
    assert.equal(mistakes.length, 4);
    assert.ok(!mistakes.join().includes('hunter2'));
  });

  it('suggests a setting for a misspelt one', () => {
    assert.match(mistakesOf({ FOVEA_MAX_IMAGE_BYTE: '1' }).join(), /did you mean FOVEA_MAX_IMAGE_/);
  });

  it('reads fovea.yaml, and the environment wins', () => {
    const file = join(folder, 'fovea.yaml');
    writeFileSync(
      file,
      'PORT: 9000\nFOVEA_IMAGE_FORMATS: [png, webp]\nFOVEA_REMOTE_IMAGES: false\nHOST: localhost\n',
    );
    const config = readConfig({ HOST: '127.0.0.2' }, file);
    assert.equal(config.PORT, 9000);
    assert.deepEqual(config.FOVEA_IMAGE_FORMATS, ['png', 'webp']);
    assert.equal(config.FOVEA_REMOTE_IMAGES, false);
    assert.equal(config.HOST, '127.0.0.2');
  });

  it('refuses unknown keys and nested values in fovea.yaml', () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'PROT: 9000\n');
    assert.match(mistakesOf({}, file).join(), /PROT is no setting/);
    writeFileSync(file, 'server: {port: 9000}\n');
    assert.match(mistakesOf({}, file).join(), /flat map/);
  });

  it('asks for accounts where other machines can reach it, unless told otherwise', () => {
    const options = (environment: Record<string, string>) => {
      const config = readConfig(environment, nowhere);
      return [needsAccounts(config), registrationMode(config), allowedHosts(config) === undefined];
    };
    assert.deepEqual(options({}), [false, 'open', false]);
    assert.deepEqual(options({ HOST: '0.0.0.0' }), [true, 'invite', true]);
    assert.deepEqual(options({ FOVEA_AUTH: 'required' }), [true, 'open', true]);
    assert.deepEqual(options({ HOST: '0.0.0.0', FOVEA_AUTH: 'open' }), [false, 'invite', true]);
    assert.deepEqual(options({ FOVEA_AUTH: 'open', FOVEA_REGISTRATION: 'closed' }), [
      false,
      'closed',
      false,
    ]);
    assert.match(mistakesOf({ FOVEA_TRUSTED_PROXIES: 'proxy.local' }).join(), /FOVEA_TRUSTED/);
    assert.match(mistakesOf({ FOVEA_ACCESS_TOKEN_TTL: '2d' }).join(), /FOVEA_ACCESS_TOKEN_TTL/);
  });

  it('refuses bounds that contradict each other', () => {
    assert.match(
      mistakesOf({ FOVEA_RULE_MIN_FACES: '3', FOVEA_RULE_MAX_FACES: '1' }).join(),
      /FOVEA_RULE_MIN_FACES=3 is above FOVEA_RULE_MAX_FACES=1/,
    );
  });

  it('knows loopback from other addresses', () => {
    for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '::1'])
      assert.ok(isLoopback(host), host);
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.evil.com', 'localhost.evil.com'])
      assert.ok(!isLoopback(host), host);
  });
});
