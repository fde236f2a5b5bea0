import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { runSteps, type Step } from './check/run-steps.ts';

/** `npm run check`: everything but the tests, quick steps first. Exit code 1 if any failed. */

const node = process.execPath;
const steps: readonly Step[] = [
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'imports', command: [node, 'scripts/check/imports.ts'] },
  { name: 'types', command: ['tsc', '--noEmit', '-p', '.'] },
  { name: 'console types', command: ['tsc', '--noEmit', '-p', 'console'] },
  // Sizes are lint rules too: max-lines and max-lines-per-function.
  {
    name: 'lint',
    command: [
      'oxlint',
      '--type-aware',
      '--report-unused-disable-directives',
      '--deny-warnings',
      '-f',
      'unix',
    ],
  },
  { name: 'dead code', command: ['knip', '--no-progress'] },
  { name: 'docs', command: [node, 'scripts/docs.ts', '--check'] },
  { name: 'API types', command: [node, 'scripts/api-types.ts', '--check'] },
  { name: 'dashboard', command: [node, 'scripts/dashboard.ts', '--check'] },
  { name: 'schema', command: [node, 'scripts/schema.ts', '--check'] },
];

const root = join(import.meta.dirname, '..');
const binaries = join(root, 'node_modules/.bin');
const failed = await runSteps(steps, {
  cwd: root,
  env: { ...process.env, PATH: `${binaries}${delimiter}${process.env['PATH'] ?? ''}` },
  concurrency: Math.min(4, Math.max(2, availableParallelism())),
  timeoutMs: 300_000,
  write: (text) => process.stdout.write(text),
});
const result = failed.length === 0 ? 'all passed' : `failed: ${failed.join(', ')}`;
process.stdout.write(`check: ${result}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
