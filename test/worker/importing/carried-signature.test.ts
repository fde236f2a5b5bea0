import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FoveaError } from '../../../src/errors.ts';
import { declaredSignature } from '../../../src/import/onnx/declared-signature.ts';
import { importSklearn } from '../../../src/import/sklearn/import-sklearn.ts';
import { decodeModel } from '../../../src/onnx/decode-model.ts';
import { carriedSignature } from '../../../src/worker/importing/carried-signature.ts';
import { servingCase } from '../../support/serving-cases.ts';

/** A graph that reads texts, couples pairs of classes, or both are told of; as `fovea convert` writes it. */
function converted(name: string, coupleOutside = false) {
  const files = servingCase(name).files.map((file) => ({
    name: file.name,
    bytes: Buffer.from(file.bytes, 'base64'),
  }));
  const { onnx, signature } = importSklearn(files, { coupleOutside });
  const model = decodeModel(onnx);
  return { signature, metadata: model.metadata, declared: declaredSignature(model) };
}

type Fields = Record<string, unknown>;

/** What is made of it after somebody has changed it. */
function changed(found: ReturnType<typeof converted>, change: (carried: Fields) => unknown) {
  const carried = JSON.parse(found.metadata.get('fovea.signature') ?? '') as Fields;
  const text = JSON.stringify(change(carried) ?? carried);
  return () => carriedSignature(new Map([['fovea.signature', text]]), found.declared);
}

function refused(work: () => unknown, message: RegExp): void {
  assert.throws(work, (error) => {
    assert.ok(error instanceof FoveaError);
    assert.equal(error.code, 'MODEL_INVALID');
    assert.match(error.message, message);
    return true;
  });
}

const stageOf = ({ inputs }: Fields): Fields => (inputs as { text: Fields }[])[0]?.text ?? {};

describe('the signature that a converted file carries', () => {
  it('is what the importer said', () => {
    for (const [name, outside] of [
      ['text-bundle', false],
      ['svc', true],
      ['categories', false],
    ] as const) {
      const { signature, metadata, declared } = converted(name, outside);
      const carried = carriedSignature(metadata, declared);
      assert.deepEqual(carried?.signature, JSON.parse(JSON.stringify(signature)), name);
    }
  });

  it('is nothing where there is none', () => {
    assert.equal(carriedSignature(new Map(), converted('svc').declared), undefined);
  });

  it('brings no regular expression of its own', () => {
    const found = converted('text-bundle');
    const own = changed(found, (carried) => {
      (stageOf(carried)['analyzer'] as Fields)['pattern'] = '(a+)+$';
    })();
    assert.deepEqual(own?.signature, JSON.parse(JSON.stringify(found.signature)));
    const slow = changed(found, (carried) => {
      (stageOf(carried)['analyzer'] as Fields)['pythonPattern'] = '(a+)+$';
    });
    refused(slow, /no such words can be counted/);
  });

  it('is refused where it does not fit the graph', () => {
    const [texts, pairs] = [converted('text-bundle'), converted('svc', true)];
    const cases: [ReturnType<typeof converted>, (carried: Fields) => unknown, RegExp][] = [
      [texts, (carried) => ({ ...carried, version: 99 }), /version/],
      [texts, (carried) => ({ ...carried, outputs: [] }), /other outputs/],
      [texts, (carried) => void (stageOf(carried)['ids'] = 'elsewhere'), /other inputs/],
      [texts, (carried) => void (stageOf(carried)['input'] = 'another'), /another column's/],
      [texts, (carried) => void (stageOf(carried)['width'] = 3), /not as wide as it says/],
      [texts, (carried) => void (stageOf(carried)['width'] = 1e300), /width/],
      [
        pairs,
        (carried) => ({ ...carried, coupling: { ...(carried['coupling'] as Fields), classes: 9 } }),
        /pairs of classes/,
      ],
      [pairs, (carried) => ({ ...carried, classes: ['only'] }), /pairs of classes/],
      [pairs, () => 7, /fovea\.signature/],
    ];
    for (const [found, change, message] of cases) refused(changed(found, change), message);
    refused(
      () => carriedSignature(new Map([['fovea.signature', '{']]), pairs.declared),
      /it is no JSON/,
    );
  });
});
