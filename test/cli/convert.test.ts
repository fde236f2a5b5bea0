import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { importSklearn } from '../../src/import/sklearn/import-sklearn.ts';
import type { Signature } from '../../src/import/sklearn/import-sklearn.ts';
import { readModelFile } from '../../src/import/sklearn/reader/read-model-file.ts';
import { PyObject } from '../../src/import/sklearn/records.ts';
import { decodeModel } from '../../src/onnx/decode-model.ts';
import { golden, type GoldenCase } from '../import/sklearn/golden.ts';
import { feedsOf, rowsOf, run, sessionOf } from '../import/sklearn/run-graph.ts';
import { bytes, global4, proto, str } from '../import/sklearn/reader/evil/assembler.ts';
import { runFovea } from './process.ts';

const newest = golden().at(-1)?.cases ?? [];

function named(name: string): GoldenCase {
  const found = newest.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

describe('fovea convert', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-convert-'));
  });
  after(async () => await rm(folder, { recursive: true }));
  const put = async (file: string, content: Uint8Array): Promise<string> => {
    await writeFile(join(folder, file), content);
    return file;
  };
  const convert = (...args: string[]): ReturnType<typeof runFovea> =>
    runFovea(['convert', ...args], {}, folder);
  const read = async (file: string): Promise<Buffer<ArrayBuffer>> =>
    Buffer.from(await readFile(join(folder, file)));

  /** The written graph, run on the golden rows, gives scikit-learn's own probabilities. */
  async function assertGolden(one: GoldenCase, onnx: Uint8Array, signature: Signature) {
    const session = await sessionOf({ onnx } as Parameters<typeof sessionOf>[0]);
    const answers = await run(session, feedsOf(signature, one.input, rowsOf(one.input)));
    const expected = one.expected.get('predict_proba');
    assert.ok(expected && answers['probabilities'], one.name);
    assert.equal(answers['probabilities'].data.length, expected.values.length);
    answers['probabilities'].data.forEach((value, i) =>
      assert.ok(Math.abs(Number(value) - Number(expected.values[i])) < 1e-12, `${one.name} ${i}`),
    );
    await session.release();
  }

  it('writes a graph that is complete by itself, and says what it is', async () => {
    const one = named('forest-iris');
    await put('forest.pkl', one.bytes);
    const { code, stdout, stderr } = await convert('forest.pkl');
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^forest\.onnx: [\d.]+ kB, \d+ nodes, made in \d+ ms with \d+ MB of memory/,
    );
    assert.match(stdout, /of {5}RandomForestClassifier, scikit-learn 1\.9\.1/);
    assert.match(stdout, /task {3}classifier\n {2}input {2}X float64 \[N, 4\]/);
    assert.match(stdout, /labels setosa, versicolor, virginica/);
    const onnx = await read('forest.onnx');
    await assertGolden(one, onnx, importSklearn([{ name: 'f', bytes: one.bytes }]).signature);
    const metadata = decodeModel(onnx).metadata;
    assert.deepEqual(JSON.parse(metadata.get('fovea.classes') ?? ''), [
      'setosa',
      'versicolor',
      'virginica',
    ]);
    assert.equal((await readdir(folder)).includes('forest.signature.json'), false);
  });

  it('prints JSON', async () => {
    await put('forest.skops', named('forest-iris').skops ?? new Uint8Array());
    const { code, stdout } = await convert('forest.skops', '-o', 'skops.onnx', '--json');
    assert.equal(code, 0);
    const told = JSON.parse(stdout) as Record<string, unknown>;
    const onnx = await read('skops.onnx');
    assert.equal(told['onnx_bytes'], onnx.length);
    assert.equal(told['sha256'], createHash('sha256').update(onnx).digest('hex'));
    assert.equal((told['signature'] as Signature).task, 'classifier');
    assert.ok(Number(told['peak_bytes']) > 50e6);
  });

  it('replaces nothing unless told to, and leaves nothing half done', async () => {
    await put('a.pkl', named('forest-iris').bytes);
    await put('a.onnx', Buffer.from('mine'));
    const refused = await convert('a.pkl');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /a\.onnx exists; --force replaces it/);
    assert.equal((await read('a.onnx')).toString(), 'mine');
    assert.equal((await convert('a.pkl', '--force')).code, 0);
    assert.ok((await read('a.onnx')).length > 1000);
    const hidden = (await readdir(folder)).filter((name) => name.startsWith('.'));
    assert.deepEqual(hidden, []);
  });

  it('tells in a signature file what a graph of texts cannot hold', async () => {
    const one = named('text-multinomial');
    await put('text.pkl', one.bytes);
    const { code, stdout, stderr } = await convert('text.pkl', '-o', 't.onnx');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /t\.signature\.json: how to call it/);
    const onnx = await read('t.onnx');
    const told = JSON.parse((await read('t.signature.json')).toString()) as Signature & {
      format: string;
      version: number;
      model: { file: string; sha256: string };
    };
    assert.deepEqual(
      [told.format, told.version, told.model.file],
      ['fovea-signature', 1, 't.onnx'],
    );
    assert.equal(told.model.sha256, createHash('sha256').update(onnx).digest('hex'));
    await assertGolden(one, onnx, told);
    const page = await readFile(new URL('../../docs/convert.md', import.meta.url), 'utf8');
    for (const key of [...Object.keys(told), ...Object.keys(told.inputs[0]?.text?.analyzer ?? {})])
      if (key !== 'lowercase') assert.ok(page.includes(`\`${key}\``), `docs/convert.md: ${key}`);
  });

  it('keeps the whole support vector machine in the graph, or its last step outside', async () => {
    const one = named('svc-four');
    await put('svc.pkl', one.bytes);
    assert.equal((await convert('svc.pkl')).code, 0);
    const made = importSklearn([{ name: 'svc', bytes: one.bytes }]);
    await assertGolden(one, await read('svc.onnx'), made.signature);
    const outside = await convert('svc.pkl', '-o', 'outside.onnx', '--couple-outside');
    assert.match(outside.stdout, /output pairwise float64 \[N, 6\]/);
    const told = JSON.parse((await read('outside.signature.json')).toString()) as Signature;
    assert.deepEqual(told.coupling, { from: 'pairwise', to: 'probabilities', classes: 4 });
  });

  it('makes one graph of files that belong together', async () => {
    const files = [
      { name: 'forest.pkl', bytes: named('forest-weighted').bytes },
      { name: 'scaler.pkl', bytes: named('nan-standard').bytes },
    ];
    for (const { name, bytes } of files) await put(name, bytes);
    const { code, stderr } = await convert('forest.pkl', 'scaler.pkl', '-o', 'both.onnx');
    assert.equal(code, 0, stderr);
    assert.deepEqual(await read('both.onnx'), Buffer.from(importSklearn(files).onnx));
  });

  it('reads the files of XGBoost and LightGBM', async () => {
    await put('x.json', named('xgb-file-json').bytes);
    await put('x.ubj', named('xgb-file-ubj').bytes);
    await put('l.txt', lightgbmText(named('lgb-cancer').bytes));
    for (const file of ['x.json', 'x.ubj', 'l.txt']) {
      const { code, stdout, stderr } = await convert(file, '-o', `${file}.onnx`);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /of {5}Booster/, file);
    }
    assert.deepEqual(await read('x.json.onnx'), await read('x.ubj.onnx'));
  });

  it('refuses with a code and exit 2, in words or in JSON', async () => {
    await put(
      'evil.pkl',
      bytes(proto(4), global4('os', 'system\u001b[2J'), str('id'), 0x85, 'R', '.'),
    );
    const { code, stdout, stderr } = await convert('evil.pkl');
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^fovea: PICKLE_FORBIDDEN_GLOBAL: .*os\.system/);
    assert.equal(stderr.includes('\u001b'), false);
    await put('none.pkl', named('gmm-bayesian').bytes);
    const unsupported = await convert('none.pkl', '--json');
    assert.equal(unsupported.code, 2);
    const { error } = JSON.parse(unsupported.stdout) as { error: { code: string } };
    assert.equal(error.code, 'ESTIMATOR_UNSUPPORTED');
    assert.equal(
      (await readdir(folder)).filter((name) => /^(evil|none).*onnx/.test(name)).length,
      0,
    );
    assert.equal((await convert('absent.pkl')).code, 1);
    assert.equal((await convert('evil.pkl', '-o', 'no/such/folder.onnx')).code, 1);
  });

  it('ends the process that reads when it takes too much memory or time', async () => {
    // Some hundred milliseconds of work: the guard looks every 15.
    await put('f.pkl', Buffer.concat([Buffer.from([0x80, 2]), Buffer.alloc(15_000_000, 'N0')]));
    const limited = (name: string, value: string): ReturnType<typeof runFovea> =>
      runFovea(['convert', 'f.pkl', '-o', 'limited.onnx'], { [name]: value }, folder);
    const memory = await limited('FOVEA_IMPORT_MEMORY', '40MiB');
    assert.equal(memory.code, 2);
    assert.match(memory.stderr, /MEMORY_LIMIT: Reading took more than 40 MiB/);
    const time = await limited('FOVEA_IMPORT_TIMEOUT', '1ms');
    assert.equal(time.code, 2);
    assert.match(time.stderr, /READ_TIMEOUT: .*FOVEA_IMPORT_TIMEOUT/);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.includes('limited')),
      [],
    );
  });

  it('explains itself', async () => {
    const { code, stdout } = await convert('--help');
    assert.equal(code, 0);
    assert.match(stdout, /--force/);
    assert.match(stdout, /Exit code: 0 written/);
  });
});

/** The text that a pickled booster carries, as `booster.save_model` writes it to a file. */
function lightgbmText(pickle: Uint8Array): Uint8Array {
  const { root } = readModelFile(pickle);
  assert.ok(root instanceof PyObject);
  const booster = root.attributes.get('_Booster');
  assert.ok(booster instanceof PyObject);
  const handle = booster.attributes.get('_handle') ?? booster.attributes.get('handle');
  assert.ok(typeof handle === 'string' && handle.startsWith('tree\n'), typeof handle);
  return Buffer.from(handle);
}
