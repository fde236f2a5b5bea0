import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { constant, float, modelFile, node } from './tabular-models.ts';

/** Small real models of pictures: what they say of a picture is fixed, but they do read it. */

const cases = z
  .object({
    cases: z.array(
      z.object({
        name: z.string(),
        tensors: z.record(
          z.string(),
          z.object({ dims: z.array(z.int()), data: z.array(z.number()) }),
        ),
        expected: z.array(z.array(z.number()).length(6)),
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../fixtures/vision/detectors.json', import.meta.url), 'utf8')),
  ).cases;

/** Raw tensors and what the reference makes of them; see detectors_oracle.py. */
export function goldenCase(name: string): (typeof cases)[number] {
  const found = cases.find((one) => one.name === name);
  if (!found) throw new Error(`no case ${name}`);
  return found;
}

/** The metadata of an export by Ultralytics 8.4, with the values given. */
export function ultralyticsMetadata(
  facts: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({
      description: 'Ultralytics YOLOv8n model',
      author: 'Ultralytics',
      version: '8.4.190',
      stride: '32',
      task: 'detect',
      head: 'Detect',
      batch: '1',
      imgsz: '[64, 64]',
      names: "{0: 'helmet', 1: 'vest', 2: 'fire'}",
      args: "{'data': None, 'batch': 1, 'quantize': None, 'nms': None, 'dynamic': False, 'opset': 17}",
      channels: '3',
      end2end: 'False',
      ...facts,
    }),
  );
}

interface Tensor {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

/** A picture of 64 x 64 in, these outputs out, whatever it shows. */
export function pictureModel(
  outputs: Readonly<Record<string, Tensor>>,
  metadata: ReadonlyMap<string, string> = new Map(),
  size: readonly (number | string)[] = [1, 3, 64, 64],
): Buffer<ArrayBuffer> {
  const names = Object.keys(outputs);
  return modelFile(
    {
      nodes: [
        node('ReduceMean', ['images'], ['mean'], [{ name: 'keepdims', kind: 'int', value: 0 }]),
        node('Mul', ['mean', 'nothing'], ['zero']),
        ...names.map((name) => node('Add', [`${name}_values`, 'zero'], [name])),
      ],
      initializers: [
        constant('nothing', [0], []),
        ...Object.entries(outputs).map(([name, { dims, data }]) =>
          constant(`${name}_values`, [...data], [...dims]),
        ),
      ],
      inputs: [float('images', size)],
      outputs: Object.entries(outputs).map(([name, { dims }]) => float(name, [...dims])),
    },
    { metadata, producerName: 'pytorch' },
  );
}
