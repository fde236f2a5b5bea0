import { centernet } from '../../src/models/catalog/centernet.ts';
import { modelDigest, ModelStore } from '../../src/models/model-store.ts';
import { decode } from '../../src/vision/decode.ts';
import { detectObjects } from '../../src/worker/object-detection.ts';
import { Session } from '../../src/worker/session.ts';
import { StageClock } from '../../src/worker/stage-clock.ts';
import { uniqueImage } from '../analyze/unique-images.ts';

/**
 * The floor of detect: decode, model, decoding of its output, one frame after another in this process, with no
 * server around. The models folder must have the model. Sends its parent the milliseconds of each frame.
 */
const [directory = '', seconds = '5'] = process.argv.slice(2);
const store = new ModelStore(directory);
const manifest = await store.ensure(centernet);
const folder = store.directoryOf(manifest);
const model = {
  session: await Session.open(`${folder}/${manifest.files[0]?.path ?? ''}`),
  spec: { manifest, directory: folder, digest: modelDigest(manifest) },
};
const limits = { maxPixels: 40e6, formats: ['jpeg'] } as const;

async function detect(serial: number): Promise<void> {
  await detectObjects(await decode(uniqueImage(serial), limits), model, new StageClock());
}

for (let run = 0; run < 10; run += 1) await detect(run);
process.send?.('ready');
process.once('message', () => void measure());

async function measure(): Promise<void> {
  const latencies: number[] = [];
  const end = performance.now() + Number(seconds) * 1000;
  for (let serial = 0; performance.now() < end; serial += 1) {
    const started = performance.now();
    await detect(serial);
    latencies.push(performance.now() - started);
  }
  process.send?.(latencies, () => process.disconnect());
}
