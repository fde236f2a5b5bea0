import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';

const runner = join(import.meta.dirname, '../../scripts/test.ts');
const folder = mkdtempSync(join(tmpdir(), 'fovea-test-runner-'));
after(() => rmSync(folder, { recursive: true }));
let runs = 0;

/** Exit code and lines of a run over test files with these texts. */
async function runTests(texts: Record<string, string>, limits: readonly string[] = []) {
  runs += 1;
  const prefix = runs;
  const files = Object.entries(texts).map(([name, body]) => {
    const file = join(folder, `${prefix}-${name}.test.ts`);
    writeFileSync(file, `import { after, describe, it } from 'node:test';\n${body}\n`);
    return file;
  });
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env; // else node:test declines to nest
  const child = spawn(process.execPath, [runner, ...limits, ...files], { env });
  const [output, code] = await Promise.all([
    text(child.stdout),
    new Promise((resolve) => child.on('close', resolve)),
  ]);
  const lines = output.trimEnd().split('\n');
  return { code, last: lines.at(-1), failed: lines.filter((line) => line.startsWith('failed: ')) };
}

const good = "it('one', () => {});";

describe('scripts/test.ts', { concurrency: 2 }, () => {
  it('counts leaves, not suites or parents', async () => {
    const suite = `describe('s', () => { ${good} it('two', async (t) => { await t.test('in', () => {}); }); });`;
    assert.deepEqual(await runTests({ good, suite }), {
      code: 0,
      last: '3 passed, 0 failed',
      failed: [],
    });
  });

  it('counts what is skipped or to do behind', async () => {
    const skips = `${good} it.skip('a', () => {}); it.todo('b'); it('c', (t) => t.skip('why'));`;
    const { code, last } = await runTests({ skips });
    assert.deepEqual([code, last], [0, '1 passed, 0 failed, 3 skipped']);
  });

  it('names a failure once', async () => {
    const bad = `describe('s', () => { ${good} it('two', () => { throw new Error('no'); }); });`;
    const { code, last, failed } = await runTests({ bad, good });
    assert.deepEqual([code, last, failed.length], [1, '2 passed, 1 failed', 1]);
    assert.match(failed[0] ?? '', /bad\.test\.ts: two$/);
  });

  const broken: Record<string, string> = {
    crash: "it('one', () => process.kill(process.pid, 'SIGSEGV'));",
    'exit code': "it('one', () => process.exit(3));",
    'early exit': `${good} it('two', () => process.exit(0));`,
    'late exit': `${good} it('two', () => new Promise((end) => setTimeout(end, 200)));
      it('three', () => process.exit(0));`,
    syntax: 'it(',
    'missing import': "import './nowhere.ts';",
    'no test': '',
    hook: `describe('s', () => { after(() => { throw new Error('no'); }); ${good} });`,
    'stray rejection': `${good} it('two', () => { void Promise.reject(new Error('no')); });`,
  };
  for (const [name, body] of Object.entries(broken)) {
    it(`counts as failed: ${name}`, async () => {
      const { code, last } = await runTests({ broken: body });
      assert.equal(code, 1);
      assert.match(last ?? '', /^[0-2] passed, 1 failed$/);
    });
  }

  const limits = ['--test-timeout=4000', '--file-timeout=10000', '--concurrency=5'];
  it('ends, and counts as failed, what does not end by itself', { timeout: 200_000 }, async () => {
    const { code, last, failed } = await runTests(
      {
        // Never yields, as an endless loop, but computes nothing.
        loop: "it('one', () => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });",
        handle: `${good} setInterval(() => {}, 1000);`,
        stubborn: `process.on('SIGTERM', () => {}); ${good} setTimeout(() => {}, 12000);`,
        never: "it('one', () => new Promise(() => {}));",
        good,
      },
      limits,
    );
    assert.equal(code, 1);
    assert.match(last ?? '', /^3 passed, 4 failed$/, failed.join('\n'));
  });

  it('fails when no test ran', async () => {
    const { code, last } = await runTests({}, ['no file has this in its path']);
    assert.deepEqual([code, last], [1, '0 passed, 0 failed']);
  });
});
