import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { AccessTokens } from '../../src/accounts/access-tokens.ts';
import { SigningKeys } from '../../src/accounts/signing-keys.ts';
import { FoveaError } from '../../src/errors.ts';

const folder = await mkdtemp(join(tmpdir(), 'fovea-keys-'));
after(async () => await rm(folder, { recursive: true }));

const minute = 60_000;
const day = 86_400_000;
const content = { sub: randomUUID(), sid: randomUUID(), role: 'member' } as const;

interface FileContent {
  keys: { kid: string; jwk: { x: string; d: string; kty: string; crv: string } }[];
}

async function setUp(file = join(folder, `${randomUUID()}.json`)) {
  const clock = { now: Date.now() };
  const now = (): number => clock.now;
  const keys = new SigningKeys({
    file,
    tokenTtlMs: 15 * minute,
    rotateAfterMs: 30 * day,
    now,
  });
  await keys.prepare();
  const tokens = new AccessTokens(keys, 15 * minute, now);
  const stored = async (): Promise<FileContent['keys']> =>
    (JSON.parse(await readFile(file, 'utf8')) as FileContent).keys;
  return { clock, keys, tokens, file, stored };
}

const refused =
  (reason: string) =>
  (error: unknown): boolean =>
    error instanceof FoveaError &&
    error.code === 'UNAUTHENTICATED' &&
    error.details['reason'] === reason;

describe('signing keys', () => {
  it('are made on the first start, for the owner only, and kept', async () => {
    const { file, keys } = await setUp();
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const again = await setUp(file);
    assert.equal(again.keys.newestId, keys.newestId);
  });

  it('are closed to others when they were left open', async () => {
    const { file, keys } = await setUp();
    await chmod(file, 0o644);
    await keys.rotate();
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('are replaced by age; the old one counts until its last token has expired', async () => {
    const { clock, keys, tokens, stored } = await setUp();
    const first = keys.newestId;
    clock.now += 30 * day - minute;
    const old = await tokens.issue(content);
    clock.now += 2 * minute;
    const young = await tokens.issue(content);
    assert.notEqual(keys.newestId, first);
    assert.equal((await tokens.verify(old)).sid, content.sid);
    clock.now += 14 * minute;
    await assert.rejects(tokens.verify(old), refused('expired'));
    assert.equal((await tokens.verify(young)).sid, content.sid);
    clock.now += 3 * minute;
    await keys.rotate();
    assert.deepEqual(
      (await stored()).map(({ kid }) => kid).includes(first ?? ''),
      false,
      'dropped when nothing of it can count',
    );
  });

  it('rotated by another process are taken up; --end-all ends what the old ones signed', async () => {
    const { clock, tokens, keys, file } = await setUp();
    const token = await tokens.issue(content);
    const other = await setUp(file);
    await other.keys.rotate();
    const theirs = await other.tokens.issue(content);
    clock.now += 150; // a key that is not known is looked for soon
    assert.equal((await tokens.verify(theirs)).sub, content.sub);
    assert.equal(keys.newestId, other.keys.newestId);
    assert.equal((await tokens.verify(token)).sub, content.sub);
    await other.keys.rotate({ endAll: true });
    clock.now += 3_000;
    for (const ended of [token, theirs])
      await assert.rejects(tokens.verify(ended), refused('invalid'));
  });

  it('come out of many simultaneous starts as one', async () => {
    const file = join(folder, 'shared.json');
    const all = await Promise.all(Array.from({ length: 8 }, () => setUp(file)));
    assert.equal((await all[0]?.stored())?.length, 1);
    assert.equal(new Set(all.map(({ keys }) => keys.newestId)).size, 1);
  });

  it('are not made anew over a file that cannot be read', async () => {
    const file = join(folder, 'broken.json');
    await writeFile(file, '{"keys": [');
    await assert.rejects(
      setUp(file),
      (error) => error instanceof FoveaError && error.code === 'STORAGE_UNAVAILABLE',
    );
    assert.equal(await readFile(file, 'utf8'), '{"keys": [');
  });
});

describe('access tokens', () => {
  it('say who, for a quarter of an hour', async () => {
    const { clock, tokens } = await setUp();
    const token = await tokens.issue(content);
    const { sub, sid, role } = await tokens.verify(token);
    assert.deepEqual({ sub, sid, role }, content);
    clock.now += 15 * minute - 1_000;
    await tokens.verify(token);
    clock.now += 2_000;
    await assert.rejects(tokens.verify(token), refused('expired'), 'also when remembered');
    const { tokens: forgetful, clock: later } = await setUp();
    const another = await forgetful.issue(content);
    later.now += 16 * minute;
    await assert.rejects(forgetful.verify(another), refused('expired'));
  });

  it('count only with the signature they came with', async () => {
    const { tokens } = await setUp();
    const token = await tokens.issue(content);
    const [head = '', body = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const raised = Buffer.from(JSON.stringify({ ...claims, role: 'admin' })).toString('base64url');
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    for (const tampered of [
      `${head}.${raised}.${signature}`,
      `${head}.${body}.${flipped}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${head}..${signature}`,
      `${token}.x`,
      'x',
      '',
    ])
      await assert.rejects(tokens.verify(tampered), refused('invalid'), tampered);
  });

  it('count with no other algorithm, whatever key it is fed', async () => {
    const { tokens, stored } = await setUp();
    const [key] = await stored();
    assert.ok(key);
    const { kid, jwk } = key;
    const claims = { sid: content.sid, role: 'admin' };
    const now = Math.floor(Date.now() / 1000);
    const complete = <T extends SignJWT | UnsecuredJWT>(jwt: T): T =>
      jwt
        .setSubject(content.sub)
        .setIssuer('fovea')
        .setAudience('fovea')
        .setIssuedAt(now)
        .setExpirationTime(now + 900) as T;
    const header = { kid, typ: 'at+jwt' };
    const publicBytes = Buffer.from(jwk.x, 'base64url');
    const publicText = Buffer.from(JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: jwk.x }));
    const rsa = await generateKeyPair('RS256');
    const forged = [
      complete(new UnsecuredJWT(claims)).encode(),
      `${Buffer.from(JSON.stringify({ alg: 'none', ...header })).toString('base64url')}.${complete(new UnsecuredJWT(claims)).encode().split('.')[1]}.`,
      ...(await Promise.all(
        [publicBytes, publicText, Buffer.from(jwk.x)].map(
          async (secret) =>
            await complete(new SignJWT(claims))
              .setProtectedHeader({ alg: 'HS256', ...header })
              .sign(secret),
        ),
      )),
      await complete(new SignJWT(claims))
        .setProtectedHeader({ alg: 'RS256', ...header })
        .sign(rsa.privateKey),
    ];
    for (const token of forged)
      await assert.rejects(tokens.verify(token), refused('invalid'), token.slice(0, 60));
    // The same claims with the right key do count, so that it was the algorithm that was refused.
    const signed = complete(new SignJWT(claims))
      .setProtectedHeader({ alg: 'EdDSA', ...header })
      .sign(await importJWK(jwk, 'EdDSA'));
    assert.equal((await tokens.verify(await signed)).role, 'admin');
  });

  it('count with no other key, kind, issuer or audience, and not without an end', async () => {
    const { tokens, stored } = await setUp();
    const [key] = await stored();
    assert.ok(key);
    const own = await importJWK(key.jwk, 'EdDSA');
    const stranger = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const publicJwk = await exportJWK(stranger.publicKey);
    const sign = async (change: {
      header?: object;
      issuer?: string;
      audience?: string;
      end?: boolean;
      claims?: object;
      by?: Parameters<SignJWT['sign']>[0];
    }): Promise<string> => {
      const jwt = new SignJWT({ sid: content.sid, role: 'admin', ...change.claims })
        .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'at+jwt', ...change.header })
        .setSubject(content.sub)
        .setIssuer(change.issuer ?? 'fovea')
        .setAudience(change.audience ?? 'fovea');
      if (change.end !== false) jwt.setExpirationTime('10m');
      return await jwt.sign(change.by ?? own);
    };
    await tokens.verify(await sign({}));
    const bad = {
      'another key': { by: stranger.privateKey },
      'a key in its header': {
        by: stranger.privateKey,
        header: { jwk: publicJwk, kid: undefined },
      },
      'no key id': { header: { kid: undefined } },
      'an unknown key id': { header: { kid: 'x' } },
      'another kind': { header: { typ: 'JWT' } },
      'another issuer': { issuer: 'other' },
      'another audience': { audience: 'other' },
      'no end': { end: false },
      'an unknown role': { claims: { role: 'root' } },
      'no login': { claims: { sid: undefined } },
    };
    for (const [what, change] of Object.entries(bad))
      await assert.rejects(tokens.verify(await sign(change)), refused('invalid'), what);
  });
});
