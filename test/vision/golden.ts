import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { box, point } from '../../src/protocol/image.ts';

const photo = z.object({
  width: z.int(),
  height: z.int(),
  faces: z.array(z.object({ score: z.number(), box, landmarks: z.array(point) })),
});

/** Numbers of test/fixtures/vision/blazeface_oracle.py: onnxruntime, OpenCV and numpy in Python. */
export const golden = z
  .object({
    photos: z.record(z.enum(['astronaut.png', 'chelsea.png', 'coffee.png', 'rocket.jpg']), photo),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../fixtures/vision/blazeface.json', import.meta.url), 'utf8')),
  ).photos;
