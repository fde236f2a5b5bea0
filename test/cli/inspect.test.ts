import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Examination } from '../../src/import/sklearn/examine-models.ts';
import { golden } from '../import/sklearn/golden.ts';
import { bytes, global4, proto } from '../import/sklearn/reader/evil/assembler.ts';
import { evilCorpus } from '../import/sklearn/reader/evil/corpus.ts';
import { runFovea } from './process.ts';

const newest = golden().at(-1)?.cases ?? [];

describe('fovea inspect', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-inspect-'));
  });
  after(async () => await rm(folder, { recursive: true }));
  const inspect = async (
    content: Uint8Array,
    ...options: string[]
  ): Promise<Awaited<ReturnType<typeof runFovea>>> => {
    await writeFile(join(folder, 'file.pkl'), content);
    return await runFovea(['inspect', 'file.pkl', ...options], {}, folder);
  };
  const caseOf = (name: string): Uint8Array => {
    const found = newest.find((one) => one.name === name);
    assert.ok(found, name);
    return found.bytes;
  };

  it('shows format, versions, names, the tree, and that it can be converted', async () => {
    const { code, stdout, stderr } = await inspect(caseOf('ct-logistic'));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /format {3}(joblib|pickle), protocol \d/);
    assert.match(stdout, /sklearn {2}1\.9\.1\n {2}numpy {4}2 or newer/);
    assert.match(stdout, /opcodes .*MEMOIZE \d+/);
    assert.match(stdout, /names\n {4}\S+/);
    assert.match(stdout, /steps\[1\]\.logisticregression: LogisticRegression\(.*C=1\.0/);
    assert.match(stdout, /OneHotEncoder/);
    assert.match(stdout, /^convertible: fovea convert makes/m);
    assert.match(stdout, /input {2}sex string \[N, 1\], may be missing/);
  });

  it('prints the same as JSON', async () => {
    const { code, stdout } = await inspect(caseOf('text-multinomial'), '--json');
    assert.equal(code, 0);
    const { verdict, files, conversion } = JSON.parse(stdout) as Examination;
    assert.equal(verdict, 'convertible');
    assert.deepEqual(files[0]?.sklearnVersions, ['1.9.1']);
    assert.ok(files[0].globals.every(({ allowed }) => allowed));
    assert.equal(conversion?.signature.inputs[0]?.vocabulary, 27);
    assert.equal(stdout.includes('"tokens"'), false);
  });

  it('reads boosters, and says what cannot be converted', async () => {
    const booster = await inspect(caseOf('xgb-file-ubj'));
    assert.equal(booster.code, 0, booster.stdout);
    assert.match(booster.stdout, /format {3}xgboost/);
    const mixture = await inspect(caseOf('gmm-bayesian'));
    assert.equal(mixture.code, 2);
    assert.match(mixture.stdout, /^harmless, but not convertible: ESTIMATOR_UNSUPPORTED/m);
    assert.match(mixture.stdout, /BayesianGaussianMixture at file\.pkl/);
  });

  it('names what is hostile, runs none of it, and exits with 3', async () => {
    const canary = join(folder, 'canary');
    const corpus = evilCorpus(canary);
    const kinds = ['a PartialNode of os.system', 'billion laughs', 'LONG4 of 2 GiB'];
    const [called] = corpus.filter(({ outcome }) => outcome === 'PICKLE_FORBIDDEN_GLOBAL');
    const chosen = [called, ...kinds.map((kind) => corpus.find(({ name }) => name === kind))];
    for (const kind of chosen) {
      assert.ok(kind);
      const { name, make, outcome } = kind;
      const { code, stdout } = await inspect(make());
      assert.equal(code, 3, `${name}: ${stdout}`);
      assert.match(stdout, new RegExp(`^refused: ${outcome}`, 'm'), name);
      if (outcome === 'PICKLE_FORBIDDEN_GLOBAL') assert.match(stdout, /^ +! .*, forbidden$/m, name);
    }
    assert.equal(existsSync(canary), false);
  });

  it('stays short and keeps a stranger’s bytes off the terminal', async () => {
    const many = Array.from({ length: 5000 }, (_, i) =>
      bytes(global4('os\u001b]0;x\u0007', `na\u202Eme\n${i}`), '0'),
    );
    const content = bytes(proto(4), ...many, 'N.');
    const { code, stdout } = await inspect(content);
    assert.equal(code, 3);
    assert.ok(stdout.split('\n').length < 120 && stdout.length < 50_000, `${stdout.length}`);
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    const json = await inspect(content, '--json');
    assert.ok(json.stdout.length < 1_000_000, `${json.stdout.length}`);
    const [file] = (JSON.parse(json.stdout) as Examination).files;
    assert.deepEqual([file?.globalCount, file?.globals.length], [5000, 1000]);
  });

  it('ends the process that reads when it takes too much memory', async () => {
    // Some hundred milliseconds of work: the guard looks every 15.
    await writeFile(
      join(folder, 'file.pkl'),
      Buffer.concat([Buffer.from([0x80, 2]), Buffer.alloc(15_000_000, 'N0')]),
    );
    const limits = { FOVEA_IMPORT_MEMORY: '40MiB' };
    const { code, stdout } = await runFovea(['inspect', 'file.pkl', '--json'], limits, folder);
    assert.equal(code, 3);
    const { verdict, problem } = JSON.parse(stdout) as {
      verdict: string;
      problem: { code: string };
    };
    assert.deepEqual([verdict, problem.code], ['refused', 'MEMORY_LIMIT']);
  });
});
