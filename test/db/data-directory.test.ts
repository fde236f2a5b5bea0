import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { claimDataDirectory } from '../../src/db/data-directory.ts';
import { FoveaError } from '../../src/errors.ts';
import { temporaryDirectory } from '../support/postgres.ts';
import { killHard, nextMessage, startChild } from './fixtures/child.ts';

const address = 'http://127.0.0.1:8000';

test('a second server is told who has the directory, until that one is gone', async (t) => {
  const directory = join(await temporaryDirectory(), 'data');
  const first = startChild(t, 'data-directory-owner.ts', directory, address);
  assert.equal(await nextMessage(first), 'claimed');
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  await assert.rejects(claimDataDirectory(directory, { address: 'me' }), (error) => {
    assert.ok(error instanceof FoveaError);
    assert.equal(error.code, 'STORAGE_UNAVAILABLE');
    assert.deepEqual(error.details, { pid: first.pid, address });
    assert.match(error.message, new RegExp(`${address} \\(process ${first.pid}\\)`));
    return true;
  });
  await killHard(first);
  const claim = await claimDataDirectory(directory, { address: 'me' });
  claim.release();
});

test('of many that start at once, one wins; release lets the next one in', async () => {
  const directory = await temporaryDirectory();
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, () => claimDataDirectory(directory, { address })),
  );
  const won = results.filter((result) => result.status === 'fulfilled');
  assert.equal(won.length, 1);
  won[0]?.value.release();
  won[0]?.value.release();
  (await claimDataDirectory(directory, { address })).release();
});

test('a directory that cannot be made is refused with the reason', async () => {
  const file = join(await temporaryDirectory(), 'file');
  writeFileSync(file, '');
  await assert.rejects(
    claimDataDirectory(join(file, 'data'), { address }),
    /cannot be used: ENOTDIR/,
  );
});
