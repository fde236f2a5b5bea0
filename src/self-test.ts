import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FoveaError } from './errors.ts';
import type { Engine } from './engine/engine.ts';
import { visionGroup } from './images/analyzer.ts';

/** A NASA portrait (public domain) with one face whose centre is near (161, 126). */
const image = readFileSync(new URL('../assets/self-test.jpg', import.meta.url));
const imageKey = createHash('sha256').update(image).digest('hex');
const expected = { x: 161, y: 126, within: 15 };

/**
 * A real inference on a bundled image, through a worker and the model. It goes before what waits, so that load is not
 * taken for damage; it is one run at a time, so that it does not keep others from theirs.
 * @throws FoveaError when it fails, or finds anything but the one face that is there.
 */
export async function testInference(engine: Engine, signal: AbortSignal): Promise<void> {
  const input = {
    image,
    imageKey,
    want: ['faces'],
    limits: { maxPixels: 1e6, formats: ['jpeg'] },
  } as const;
  const options = { signal, timeoutMs: 10_000, urgent: true };
  const { output } = await engine.run(visionGroup, 'analyze', input, options);
  const [face, ...others] = output.faces ?? [];
  if (face && others.length === 0) {
    const [x1, y1, x2, y2] = face.box;
    const distance = Math.hypot((x1 + x2) / 2 - expected.x, (y1 + y2) / 2 - expected.y);
    if (distance <= expected.within) return;
  }
  throw new FoveaError(
    'MODEL_INVALID',
    'The inference on the bundled image did not find the one face that is in it.',
  );
}
