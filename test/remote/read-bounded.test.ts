import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { readBounded } from '../../src/remote/read-bounded.ts';

describe('readBounded', () => {
  it('joins chunks of any size', async () => {
    const whole = Buffer.from(Array.from({ length: 300_000 }, (_value, index) => index % 251));
    for (const size of [7, 65_536, 299_999]) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
      assert.ok((await readBounded(Readable.from(chunks), whole.length)).equals(whole));
    }
  });

  it('ends the body at the first byte too many', async () => {
    let given = 0;
    let ended = false;
    async function* endless() {
      try {
        for (;;) {
          given += 1;
          yield Buffer.alloc(1);
        }
      } finally {
        ended = true;
      }
    }
    await assert.rejects(readBounded(endless(), 1000), { code: 'IMAGE_TOO_LARGE' });
    assert.equal(given, 1001);
    assert.ok(ended);
  });

  it('keeps memory near the limit when every chunk is one byte', async () => {
    const parent = Buffer.alloc(65_536);
    const before = process.memoryUsage().heapUsed;
    let peak = 0;
    async function* crumbs() {
      for (let index = 0; index < 500_000; index += 1) yield parent.subarray(0, 1);
      peak = process.memoryUsage().heapUsed - before;
    }
    const bytes = await readBounded(crumbs(), 500_000);
    assert.equal(bytes.length, 500_000);
    // A list of half a million one-byte buffers is over 40 MB.
    assert.ok(peak < 30_000_000, `${peak} bytes`);
  });
});
