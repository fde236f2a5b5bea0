import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MEBIBYTE = 1024 * 1024;

it('a bomb of 50,000 x 50,000 pixels is refused within bounded memory', async () => {
  const child = fileURLToPath(new URL('bomb-child.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [child], { timeout: 120_000 });
  const { growth, codes } = JSON.parse(stdout) as { growth: number; codes: string[] };
  assert.deepEqual(codes, Array(5).fill('IMAGE_TOO_MANY_PIXELS'));
  assert.ok(growth < 150 * MEBIBYTE, `${Math.round(growth / MEBIBYTE)} MiB`);
});
