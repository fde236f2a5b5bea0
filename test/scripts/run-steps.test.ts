import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runSteps, type Step } from '../../scripts/check/run-steps.ts';

/** A step of this name that runs JavaScript. */
function step(name: string, code: string): Step {
  return { name, command: [process.execPath, '-e', code] };
}

async function run(steps: readonly Step[], concurrency = 1, timeoutMs = 120_000) {
  const lines: string[] = [];
  const failed = await runSteps(steps, {
    cwd: import.meta.dirname,
    env: process.env,
    concurrency,
    timeoutMs,
    write: (text) => lines.push(...text.trimEnd().split('\n')),
  });
  return { failed, lines };
}

describe('runSteps', () => {
  it('writes one line for each step, without the output of those that pass', async () => {
    const { failed, lines } = await run([step('one', 'console.log(1)'), step('three', '')]);
    assert.deepEqual(failed, []);
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', /^ok {6}one {4}\d+\.\d s$/);
  });

  it('goes on after a failure and shows what the step said', async () => {
    const code = 'console.log("out"); console.error("err"); process.exitCode = 3';
    const { failed, lines } = await run([step('bad', code), step('good', '')]);
    assert.deepEqual(failed, ['bad']);
    assert.match(lines[0] ?? '', /^FAILED {2}bad /);
    assert.deepEqual(lines.slice(1, 4), ['    out', '    err', '    exit code 3']);
    assert.match(lines[4] ?? '', /^ok {6}good/);
  });

  it('takes a missing program and a step without end for failures', async () => {
    const missing: Step = { name: 'missing', command: ['fovea-no-such-program'] };
    const { failed, lines } = await run([missing, step('endless', 'for (;;);')], 2, 1_500);
    assert.deepEqual(failed, ['missing', 'endless']);
    assert.ok(lines.some((line) => line.includes('cannot be started')));
    assert.ok(lines.some((line) => line.includes('ended by SIGKILL; the limit is 1.5 s')));
  });
});
