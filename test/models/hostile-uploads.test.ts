import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dataTypes, type Node } from '../../src/onnx/model.ts';
import { assertError, startTestServer, type TestServer } from '../support/server.ts';
import {
  constant,
  endlessModel,
  float,
  heavyModel,
  int,
  integers,
  linearClassifier,
  modelFile,
  node,
  treeRegressor,
  value,
} from '../support/tabular-models.ts';
import { predictRows, sendModel, uploadModel } from '../support/user-models.ts';

const simple = { inputs: [float('X', ['N', 1])], outputs: [float('y', ['N', 1])] };
const identity = node('Identity', ['X'], ['y']);

/** A constant of 25 thousand million elements, made while the model loads or runs. */
function bomb(elements: number): Buffer<ArrayBuffer> {
  return modelFile({
    ...simple,
    initializers: [integers('shape', [elements], [1])],
    nodes: [
      node('ConstantOfShape', ['shape'], ['big']),
      node('ReduceSum', ['big'], ['sum'], [int('keepdims', 0)]),
      node('Add', ['X', 'sum'], ['y']),
    ],
  });
}

function chain(length: number): Buffer<ArrayBuffer> {
  const nodes: Node[] = Array.from({ length }, (_, i) =>
    node('Neg', [i === 0 ? 'X' : `v${i}`], [i === length - 1 ? 'y' : `v${i + 1}`]),
  );
  return modelFile({ ...simple, nodes });
}

/** Each must be refused with a message that matches. */
const hostile: Record<string, [bytes: () => Buffer<ArrayBuffer>, message: RegExp]> = {
  'random bytes': [() => Buffer.from(randomBytes(50_000)), /no ONNX model/],
  'an empty file': [() => Buffer.alloc(0), /no file with content/],
  'a truncated file': [() => linearClassifier().subarray(0, 300), /no ONNX model/],
  'a picture': [() => Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1'), /no ONNX model/],
  'a graph without a model': [
    () => modelFile({ ...simple, inputs: [], nodes: [identity] }),
    /no input/,
  ],
  'a tensor that claims more than it has': [
    () => {
      const lying = { ...constant('w', [1], [1]), dims: [1_000_000, 1_000_000] };
      return modelFile({
        ...simple,
        initializers: [lying],
        nodes: [node('Add', ['X', 'w'], ['y'])],
      });
    },
    /claims the shape \[1000000, 1000000\], but holds 4 bytes/,
  ],
  'an input of a million by a million': [
    () => modelFile({ ...simple, inputs: [float('X', [1_000_000, 1_000_000])], nodes: [identity] }),
    /elements; at most/,
  ],
  'weights in another file': [
    () => {
      const far = new Map([['location', '../../../../etc/passwd']]);
      const tensor = { name: 'w', dataType: dataTypes.float32, dims: [1], externalData: far };
      return modelFile({
        ...simple,
        initializers: [tensor],
        nodes: [node('Add', ['X', 'w'], ['y'])],
      });
    },
    /"w" keeps its data in another file .*passwd/,
  ],
  'an operator of another domain': [
    () => modelFile({ ...simple, nodes: [node('Run', ['X'], ['y'], [], 'my.company')] }),
    /my\.company\.Run/,
  ],
  'an operator that does not exist': [
    () => modelFile({ ...simple, nodes: [node('Frobnicate', ['X'], ['y'])] }),
    /Frobnicate/,
  ],
  'a reference to a compiled context': [
    () => modelFile({ ...simple, nodes: [node('EPContext', ['X'], ['y'], [], 'com.microsoft')] }),
    /EPContext/,
  ],
  'a cycle': [
    () =>
      modelFile({
        ...simple,
        nodes: [
          node('Add', ['X', 'b'], ['a']),
          node('Add', ['a', 'a'], ['b']),
          node('Identity', ['b'], ['y']),
        ],
      }),
    /runtime cannot load/,
  ],
  'a node that reads what nobody makes': [
    () => modelFile({ ...simple, nodes: [node('Add', ['X', 'nowhere'], ['y'])] }),
    /runtime cannot load/,
  ],
  'an output that is a list': [
    () =>
      modelFile({
        ...simple,
        outputs: [{ name: 'y', dataType: null, shape: null }],
        nodes: [node('SplitToSequence', ['X'], ['y'])],
      }),
    /"y" is no tensor/,
  ],
  'a float16 input': [
    () =>
      modelFile({
        inputs: [value('X', 'float16', ['N', 1])],
        outputs: [value('y', 'float16', ['N', 1])],
        nodes: [identity],
      }),
    /"X" is no tensor of float32/,
  ],
  'a loop without end': [() => endlessModel(true), /took more than 12 s/],
  'a memory bomb of 100 GB': [() => bomb(25_000_000_000), /./],
  'a memory bomb that the system would grant': [() => bomb(1_500_000_000), /more than .* 700 MiB/],
};

describe('hostile uploads', { concurrency: false }, () => {
  let server: TestServer;
  let good: string;
  before(async () => {
    server = await startTestServer({
      FOVEA_IMPORT_TIMEOUT: '12s',
      FOVEA_IMPORT_MEMORY: '700MiB',
      FOVEA_MAX_MODEL_BYTES: '250MiB',
      FOVEA_TABULAR_WORKERS: '1',
    });
    ({ id: good } = await uploadModel(server, 'good', treeRegressor()));
  });
  after(async () => await server.close());

  for (const [what, [bytes, message]] of Object.entries(hostile)) {
    it(`refuses ${what}, says what to do, and serves on`, async () => {
      const response = await sendModel(server, 'hostile', bytes());
      const error = await assertError(response, 422, 'MODEL_INVALID');
      assert.match(error.message, message);
      assert.deepEqual(
        (await predictRows(server, good, [[0]], { cache: false })).predictions,
        [10],
      );
    });
  }

  it('survives copies of a sound model with every sixth byte spoilt', async () => {
    const sound = linearClassifier({ zipmap: true });
    for (let i = randomInt(6); i < sound.length; i += 6) {
      const spoilt = Buffer.from(sound);
      spoilt[i] = [0, 31, 255, randomInt(256)][i % 4] ?? 0;
      const { status } = await sendModel(server, `spoilt-${i}`, spoilt);
      assert.ok([201, 422].includes(status), `${status} with ${spoilt[i]} at ${i}`);
    }
    assert.deepEqual((await predictRows(server, good, [[0]], { cache: false })).predictions, [10]);
  });

  it('accepts thousands of nodes, within the time', async () => {
    const { id } = await uploadModel(server, 'chain', chain(3000));
    assert.deepEqual((await predictRows(server, id, [[5]])).predictions, [5]);
    const { status } = await sendModel(server, 'longer', chain(60_000));
    assert.ok([201, 422].includes(status), String(status));
    assert.deepEqual((await predictRows(server, good, [[0]], { cache: false })).predictions, [10]);
  });

  it('a hostile upload does not cost the sound ones beside it', async () => {
    const all = await Promise.all([
      sendModel(server, 'beside', endlessModel(true)),
      ...Array.from({ length: 5 }, (_, i) => sendModel(server, 'sound', treeRegressor(i + 1))),
    ]);
    assert.deepEqual(
      all.map(({ status }) => status),
      [422, 201, 201, 201, 201, 201],
    );
  });

  it('streams 200 MB to disk without holding them', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'fovea-big-'));
    const child = fork(new URL('./fixtures/server.ts', import.meta.url), { execArgv: [] });
    const next = async (): Promise<Record<string, unknown>> =>
      ((await once(child, 'message')) as [Record<string, unknown>])[0];
    try {
      const { url } = await next();
      const file = join(folder, 'big.onnx');
      await writeFile(file, '');
      await truncate(file, 200 * 1024 * 1024);
      const send = async (): Promise<Response> => {
        const form = new FormData();
        form.set('name', 'big');
        form.set('file', await openAsBlob(file), 'big.onnx');
        return await fetch(`${String(url)}/api/v1/models/upload`, { method: 'POST', body: form });
      };
      child.send('reset');
      const { most: before } = await next();
      await assertError(await send(), 422, 'MODEL_INVALID');
      child.send('ask');
      const { most } = await next();
      const growth = (Number(most) - Number(before)) / 1e6;
      assert.ok(growth < 120, `${growth.toFixed(0)} MB more resident memory`);
      t.diagnostic(`${growth.toFixed(0)} MB more resident memory for 210 MB`);
    } finally {
      child.send('stop');
      await once(child, 'exit');
      await rm(folder, { recursive: true });
    }
  });

  it('refuses what is over the limit, declared or not', async () => {
    const big = new Uint8Array(260 * 1024 * 1024);
    await assertError(await sendModel(server, 'over', big), 413, 'MODEL_TOO_LARGE').catch(
      (error: unknown) => {
        // The server closes the connection of a sender that goes on; undici then reports that instead.
        assert.match(
          String((error as Error).cause ?? error),
          /EPIPE|ECONNRESET|other side closed|terminated/,
        );
      },
    );
    assert.deepEqual((await predictRows(server, good, [[0]], { cache: false })).predictions, [10]);
  });

  it('keeps a model of some megabytes', async () => {
    const { size_bytes: size } = await uploadModel(server, 'megabytes', heavyModel(8e6));
    assert.ok(size > 7.9e6);
  });
});
