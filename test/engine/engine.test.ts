import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { analyzeInput, startTestEngine } from '../support/engine.ts';
import { photo, until } from '../support/server.ts';

const patient = { timeoutMs: 120_000 };

describe('Engine', { concurrency: false }, () => {
  let image: Buffer;
  before(async () => {
    image = await photo('astronaut.png');
  });

  it('answers work from another process', async (t) => {
    const { engine } = await startTestEngine(t);
    const { output, queueMs } = await engine.run(
      'vision',
      'analyze',
      analyzeInput(image, ['faces', 'quality']),
      patient,
    );
    assert.equal(output.faces?.length, 1);
    assert.ok(output.quality && output.quality.sharpness > 0);
    assert.ok(queueMs >= 0 && output.stages.inference > 0);
  });

  it('computes only what is asked for', async (t) => {
    const { engine } = await startTestEngine(t, { workers: 1 });
    const { output } = await engine.run('vision', 'analyze', analyzeInput(image, []), patient);
    assert.deepEqual(
      [output.faces, output.quality, output.stages.inference, output.models.length],
      [undefined, undefined, 0, 0],
    );
  });

  it('loses only what a killed worker held, says it can be sent again, and recovers by itself', async (t) => {
    const { engine, pids, exits } = await startTestEngine(t);
    const [victim] = pids();
    assert.ok(victim);
    const work = Array.from({ length: 12 }, () =>
      engine.run('vision', 'analyze', analyzeInput(image), patient),
    );
    const settled = Promise.allSettled(work);
    process.kill(victim, 'SIGKILL');
    const results = await settled;
    const lost = results.filter((result) => result.status === 'rejected');
    for (const result of lost)
      assert.equal((result.reason as { code: string }).code, 'WORKER_LOST');
    assert.equal(
      lost.length,
      exits[0]?.lost,
      'each request of the dead worker is answered once, and no other fails',
    );
    assert.ok(lost.length >= 1 && lost.length <= 2, `${lost.length} lost`);
    assert.match(exits[0]?.reason ?? '', /SIGKILL/);
    await until('a new worker', () => pids().length === 2 && !pids().includes(victim));
    const again = await engine.run('vision', 'analyze', analyzeInput(image), patient);
    assert.equal(again.output.faces?.length, 1);
  });

  it('fails work that cannot be sent to another process at once, and goes on', async (t) => {
    const { engine, pids } = await startTestEngine(t, { workers: 1 });
    const before = pids();
    const unsendable = { ...analyzeInput(image), image: (() => image) as unknown as Buffer };
    await assert.rejects(engine.run('vision', 'analyze', unsendable, patient), {
      code: 'INTERNAL',
    });
    const { output } = await engine.run('vision', 'analyze', analyzeInput(image), patient);
    assert.equal(output.faces?.length, 1);
    assert.deepEqual(pids(), before);
  });

  it('answers at the deadline, kills the worker that hangs, and replaces it', async (t) => {
    const { engine, pids, exits } = await startTestEngine(t, { workers: 1, stuckAfterMs: 400 });
    const [hung] = pids();
    assert.ok(hung);
    process.kill(hung, 'SIGSTOP');
    const started = performance.now();
    await assert.rejects(engine.run('vision', 'analyze', analyzeInput(image), { timeoutMs: 300 }), {
      code: 'DEADLINE_EXCEEDED',
    });
    assert.ok(performance.now() - started < 15_000);
    await until('the end of the hung worker', () => exits.length === 1);
    assert.match(exits[0]?.reason ?? '', /stuck for 400 ms/);
    assert.equal(
      (await engine.run('vision', 'analyze', analyzeInput(image), patient)).output.faces?.length,
      1,
    );
  });

  it('refuses at once when the queue is full', async (t) => {
    const { engine, pids } = await startTestEngine(t, { workers: 1, queueLimit: 3 });
    const [worker] = pids();
    assert.ok(worker);
    process.kill(worker, 'SIGSTOP');
    const admitted = Array.from({ length: 5 }, () =>
      engine.run('vision', 'analyze', analyzeInput(image), patient),
    ); // two in the worker, three waiting
    const refused = engine.run('vision', 'analyze', analyzeInput(image), patient);
    await assert.rejects(refused, { code: 'QUEUE_FULL' });
    process.kill(worker, 'SIGCONT');
    assert.equal((await Promise.all(admitted)).length, 5);
  });

  it('withdraws the work of a caller that leaves, waiting or running', async (t) => {
    const { engine, pids } = await startTestEngine(t, { workers: 1 });
    const [worker] = pids();
    assert.ok(worker);
    process.kill(worker, 'SIGSTOP');
    const leaver = new AbortController();
    const work = Array.from({ length: 4 }, () =>
      engine.run('vision', 'analyze', analyzeInput(image), { ...patient, signal: leaver.signal }),
    );
    const settled = Promise.allSettled(work);
    assert.equal(engine.stats().get('vision')?.queued, 2);
    leaver.abort();
    for (const result of await settled)
      assert.equal(
        result.status === 'rejected' && (result.reason as { code: string }).code,
        'REQUEST_CANCELLED',
      );
    assert.equal(engine.stats().get('vision')?.queued, 0);
    process.kill(worker, 'SIGCONT');
    await until(
      'the worker to drop what was cancelled',
      () => engine.stats().get('vision')?.running === 0,
    );
    await assert.rejects(
      engine.run('vision', 'analyze', analyzeInput(image), {
        ...patient,
        signal: AbortSignal.abort(),
      }),
      { code: 'REQUEST_CANCELLED' },
    );
  });

  it('carries an error of the work across with its code and details', async (t) => {
    const { engine } = await startTestEngine(t, { workers: 1 });
    await assert.rejects(
      engine.run('vision', 'analyze', analyzeInput(Buffer.from('no image')), patient),
      (error: { code: string; details: { accepted: string[] } }) => {
        assert.equal(error.code, 'IMAGE_FORMAT_UNSUPPORTED');
        assert.deepEqual(error.details.accepted, ['png', 'jpeg']);
        return true;
      },
    );
  });

  it('replaces a worker that outgrew its memory without losing a request', async (t) => {
    const { engine, pids, exits } = await startTestEngine(t, { workers: 1, workerMemory: 1 });
    const [first] = pids();
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () =>
        engine.run('vision', 'analyze', analyzeInput(image), patient),
      ),
    );
    assert.deepEqual(new Set(results.map((result) => result.status)), new Set(['fulfilled']));
    await until('the old worker to go', () =>
      exits.some(({ pid, reason, lost }) => pid === first && reason === 'retired' && lost === 0),
    );
    assert.notEqual(pids()[0], first);
  });

  it('says SHUTTING_DOWN once closed, and ends its processes', async (t) => {
    const { engine, pids } = await startTestEngine(t);
    const before = pids();
    engine.close();
    await assert.rejects(engine.run('vision', 'analyze', analyzeInput(image), patient), {
      code: 'SHUTTING_DOWN',
    });
    await until('the workers to end', () => before.every((pid) => !isAlive(pid)));
  });

  it('tells a model that cannot be loaded from one that is loading, and keeps serving the rest', async (t) => {
    const { engine } = await startTestEngine(t);
    const { blazeface256 } = await import('../../src/models/catalog/blazeface-256.ts');
    engine.load({
      manifest: { ...blazeface256, name: 'nowhere' },
      digest: '0',
      directory: '/nonexistent',
    });
    await until('the failure', () => engine.modelState('vision', 'nowhere').state === 'failed');
    assert.equal(engine.modelState('vision', 'blazeface-256').state, 'ready');
    assert.equal(
      (await engine.run('vision', 'analyze', analyzeInput(image), patient)).output.faces?.length,
      1,
    );
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
