import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { pythonNames } from '../../../src/worker/importing/vision/python-names.ts';
import { ultralyticsFacts } from '../../../src/worker/importing/vision/ultralytics.ts';
import { visionCandidates } from '../../../src/worker/importing/vision/vision-plan.ts';

const value = z.object({ name: z.string(), shape: z.array(z.union([z.int(), z.string()])) });
/** Made by ultralytics_exports.py: what real exports say of themselves. */
const exported = z
  .array(
    z.object({
      name: z.string(),
      inputs: z.array(value),
      outputs: z.array(value),
      metadata: z.record(z.string(), z.string()),
    }),
  )
  .parse(
    JSON.parse(
      readFileSync(
        new URL('../../fixtures/vision/ultralytics_exports.json', import.meta.url),
        'utf8',
      ),
    ),
  )
  .map(({ name, inputs, outputs, metadata }) => ({
    name,
    metadata: new Map(Object.entries(metadata)),
    declared: {
      inputs: inputs.map((one) => ({ ...one, dtype: 'float32' as const })),
      outputs: outputs.map((one) => ({ ...one, dtype: 'float32' as const })),
    },
  }));
type Export = (typeof exported)[number];

const ofName = (name: string): Export => {
  const found = exported.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
};
const factsOf = ({ metadata, declared }: Export, asked?: string) =>
  ultralyticsFacts(metadata, declared, asked);

describe('exports of Ultralytics', () => {
  for (const [names, layout] of [
    [['v5', 'v8', 'v8 of 64 x 96', 'v8 dynamic', 'v9', 'v11', 'v12', 'v10', 'v26'], ['yolov8']],
    [['v8 with NMS', 'v26 with NMS'], ['yolo-end2end']],
    [['rtdetr'], ['ultralytics-rtdetr', 'rt-detr']],
  ] as const) {
    for (const name of names) {
      it(`say how they are read: ${name} is ${layout.join(' or ')}`, () => {
        const one = ofName(name);
        const facts = factsOf(one);
        assert.ok(facts);
        assert.deepEqual(facts.layouts, layout);
        assert.deepEqual(facts.hints.labels?.slice(0, 2), ['0', '1']);
        const [candidate] = visionCandidates(one.declared, facts.hints, facts);
        const { input, output, task } = candidate?.spec ?? {};
        assert.equal(task, 'object-detection');
        const [width, height] = name === 'v8 of 64 x 96' ? [96, 64] : [64, 64];
        assert.deepEqual(
          [input?.width, input?.height, input?.layout, input?.name],
          [width, height, 'nchw', 'images'],
        );
        assert.equal(input?.fit, name === 'rtdetr' ? 'stretch' : 'letterbox');
        assert.ok(JSON.stringify(output).includes('"output0"'));
      });
    }
  }

  it('are read for boxes alone when that is asked for', () => {
    for (const [name, extra, layouts] of [
      ['v8 segment', 32, ['yolov8']],
      ['v8 segment with NMS', 32, ['yolo-end2end']],
      ['v8 pose', 51, ['yolov8']],
    ] as const) {
      assert.throws(() => factsOf(ofName(name)), { code: 'MODEL_INVALID' });
      const facts = factsOf(ofName(name), 'detect');
      assert.deepEqual([facts?.extra, facts?.layouts], [extra, layouts]);
      assert.match(facts?.notes.join(' ') ?? '', /boxes/);
    }
  });

  it('are refused by name when their task is not served', () => {
    for (const asked of [undefined, 'detect', 'classify'])
      assert.throws(() => factsOf(ofName('v8 obb'), asked), /obb/);
    assert.throws(() => factsOf(ofName('v8'), 'classify'), /detect.*not for classify/);
  });

  it('of the yolov5 repository name no task, and have objectness', () => {
    const metadata = new Map([
      ['stride', '32'],
      ['names', "['helmet', 'vest']"],
    ]);
    const { declared } = ofName('v8');
    const facts = ultralyticsFacts(metadata, declared, undefined);
    assert.deepEqual([facts?.layouts, facts?.hints.labels], [['yolov5'], ['helmet', 'vest']]);
    assert.equal(ultralyticsFacts(new Map([['names', "['a']"]]), declared, undefined), undefined);
  });
});

describe('pythonNames', () => {
  it('reads dictionaries and lists as Python prints them', () => {
    assert.deepEqual(pythonNames(`{0: 'helmet', 1: "it's", 2: 'a \\'b\\'', 3: 'é\\u00e9\\\\n'}`), [
      'helmet',
      "it's",
      "a 'b'",
      'éé\\n',
    ]);
    assert.deepEqual(pythonNames(`['a, b', "c"]`), ['a, b', 'c']);
    assert.deepEqual(pythonNames('["a", "b"]'), ['a', 'b']);
  });

  it('takes nothing else for names', () => {
    for (const text of [
      undefined,
      '',
      '{}',
      '[]',
      'helmet',
      "{0: 'a', 2: 'c'}",
      "{'a': 0}",
      "{0: 'a'",
      "{0: 'a']",
      "{0: __import__('os')}",
      "['a' 'b']",
    ])
      assert.equal(pythonNames(text), undefined, text);
  });
});
