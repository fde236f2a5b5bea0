import { globSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runFile, type Limits } from './test/run-file.ts';

/**
 * `npm test`: runs every test/**\/*.test.ts, or those that an argument names (a file) or is part of
 * (of the path). The last line is `N passed, N failed`; the exit code is 1 if a test failed or none
 * ran.
 */

const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    concurrency: {
      type: 'string',
      default: String(Math.min(4, Math.max(2, availableParallelism()))),
    },
    'test-timeout': { type: 'string', default: '300000' },
    'file-timeout': { type: 'string', default: '900000' },
  },
});
// What one process has compiled, the next one loads: most of them load the same hundreds of files.
process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules/.cache/fovea');
const limits: Limits = {
  testTimeoutMs: Number(values['test-timeout']),
  fileTimeoutMs: Number(values['file-timeout']),
};

function chosenFiles(names: readonly string[]): string[] {
  const all = globSync('test/**/*.test.ts', { cwd: root }).toSorted();
  if (names.length === 0) return all.map((file) => join(root, file));
  const files = names.flatMap((name) => {
    if (statSync(name, { throwIfNoEntry: false })?.isFile() === true) return [resolve(name)];
    return all.filter((file) => file.includes(name)).map((file) => join(root, file));
  });
  return [...new Set(files)];
}

const queue = chosenFiles(positionals);
const failures: string[] = [];
let passed = 0;
let skipped = 0;

/** Takes files from the queue until none is left; a few of these run at a time. */
async function runQueue(): Promise<void> {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const { tally, report } = await runFile(file, limits);
    const name = relative(process.cwd(), file);
    process.stdout.write(`${report}\n`);
    passed += tally.passed;
    skipped += tally.skipped;
    failures.push(...tally.failures.map((failure) => `${name}: ${failure}`));
  }
}

await Promise.all(Array.from({ length: Number(values.concurrency) }, runQueue));
for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
const rest = skipped === 0 ? '' : `, ${skipped} skipped`;
const code = failures.length > 0 || passed === 0 ? 1 : 0;
// Ended by force, once the line is out: a process that would not die must not hold the runner.
process.stdout.write(`${passed} passed, ${failures.length} failed${rest}\n`, () =>
  process.exit(code),
);
