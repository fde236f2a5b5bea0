import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { sklearnImportCodes } from '../../../../src/import/sklearn/errors.ts';
import { scanModelFile } from '../../../../src/import/sklearn/reader/read-model-file.ts';
import { cpuMilliseconds } from '../../../support/cpu-time.ts';
import { evilCorpus } from './evil/corpus.ts';

const folder = mkdtempSync(join(tmpdir(), 'fovea-evil-'));
const canary = join(folder, 'canary');
const corpus = evilCorpus(canary);

/** Milliseconds of computing that any small file may take, on a slow machine. */
const longest = 1000;

describe('hostile files', () => {
  const prototype = Reflect.ownKeys(Object.prototype).length;
  after(() => rmSync(folder, { recursive: true }));

  it('come in more than 250 kinds, each with its own name', () => {
    assert.ok(corpus.length > 250, `${corpus.length}`);
    assert.equal(new Set(corpus.map(({ name }) => name)).size, corpus.length);
  });

  for (const { name, make, outcome } of corpus.filter((kind) => !kind.bomb))
    it(`${name}: ${outcome}`, () => {
      const start = cpuMilliseconds();
      const { problem, root } = scanModelFile(make());
      assert.ok(cpuMilliseconds() - start < longest);
      assert.equal(problem?.code ?? 'inert', outcome, problem?.message);
      if (outcome === 'inert') assert.notEqual(root, undefined);
      else assert.ok((problem?.message.length ?? 0) > 10 && (problem?.message.length ?? 0) < 5000);
      assert.equal(problem === undefined || problem.code in sklearnImportCodes, true);
    });

  it('run nothing, write nothing, and reach no prototype', () => {
    assert.equal(existsSync(canary), false);
    assert.equal(Reflect.ownKeys(Object.prototype).length, prototype);
    assert.equal('polluted' in {}, false);
  });
});

describe('bombs, in a process of little memory', () => {
  const run = promisify(execFile);
  const script = join(import.meta.dirname, 'evil', 'read-all.ts');
  const bombs = corpus.filter((kind) => kind.bomb);
  const place = mkdtempSync(join(tmpdir(), 'fovea-bombs-'));
  after(() => rmSync(place, { recursive: true }));

  it('all end as they should, within 10 seconds of computing each and 1,200 MB', async () => {
    for (const [i, { make }] of bombs.entries()) writeFileSync(join(place, `${i}`), make());
    const { stdout } = await run(process.execPath, ['--max-old-space-size=512', script, place], {
      timeout: 280_000,
    });
    const results = JSON.parse(stdout) as Record<
      string,
      { outcome: string; milliseconds: number; peakMegabytes: number }
    >;
    for (const [i, { name, outcome }] of bombs.entries()) {
      const result = results[`${i}`];
      assert.equal(result?.outcome, outcome, name);
      assert.ok((result?.milliseconds ?? Infinity) < 10_000, `${name}: ${result?.milliseconds} ms`);
      assert.ok((result?.peakMegabytes ?? Infinity) < 1200, `${name}: ${result?.peakMegabytes} MB`);
    }
  });
});
