import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { box, point } from '../../src/protocol/image.ts';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { modelManifest } from '../../src/protocol/model-manifest.ts';
import { decodeModel } from '../../src/onnx/decode-model.ts';
import { describeFaceModel } from '../../src/import/faces/describe-face-model.ts';
import { faceModels, type FaceModelName } from '../support/face-models.ts';

const folder = new URL('../fixtures/faces/', import.meta.url);
const photoName = z.enum(['astronaut.png', 'chelsea.png', 'coffee.png']);
const detected = z.object({
  found: z.int(),
  faces: z.array(z.object({ box, score: z.number(), points: z.array(point) })),
});

/** Numbers of test/fixtures/faces/insightface_oracle.py: the Python package insightface 2.1. */
export const insightface = z
  .object({
    detections: z.record(z.string(), z.record(photoName, detected)),
    faces: z.array(
      z.object({
        photo: photoName,
        box,
        points: z.array(point),
        crops: z.record(z.string(), z.string()),
        maps: z.record(
          z.string(),
          z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
        ),
        embeddings: z.record(z.string(), z.base64()),
        attributes: z.record(z.string(), z.object({ gender: z.int(), age: z.int() })),
        landmarks: z.record(z.string(), z.array(z.array(z.number()))),
        pose: z.tuple([z.number(), z.number(), z.number()]),
      }),
    ),
    swaps: z.array(z.object({ file: z.string(), left: z.int(), top: z.int() })),
    resized: z.record(photoName, z.record(z.string(), z.string())),
  })
  .parse(JSON.parse(readFileSync(new URL('insightface.json', folder), 'utf8')));

export function swappedFile(name: string): Buffer {
  return readFileSync(new URL(name, folder));
}

/** The manifest that the importer's description of the file gives. */
export function manifestOf(name: FaceModelName): ModelManifest {
  const description = describeFaceModel(decodeModel(faceModels[name]()));
  if (!description) throw new Error(`${name} is not known for what it is.`);
  return modelManifest.parse({
    ...description,
    name,
    version: '1',
    description: name,
    files: [{ path: 'model.onnx', source: 'file:/nowhere', sha256: '0'.repeat(64), bytes: 1 }],
    licence: { spdx: 'MIT', holder: 'nobody' },
    origin: 'random',
    thresholds: { score: 0.5, iou: 0.4 },
    group: 'vision',
    load: 'eager',
    warmup: 1,
  });
}
