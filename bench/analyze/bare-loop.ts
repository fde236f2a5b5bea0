import { modelDigest, ModelStore } from '../../src/models/model-store.ts';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import { decode } from '../../src/vision/decode.ts';
import { detectFaces } from '../../src/worker/face-detection.ts';
import { Session } from '../../src/worker/session.ts';
import { StageClock } from '../../src/worker/stage-clock.ts';
import { uniqueImage } from './unique-images.ts';

/**
 * The floor: decode, model, decoding of its output, one image after another in this process, with no
 * server around. Sends its parent the milliseconds of each image.
 */
const [directory = '', seconds = '5'] = process.argv.slice(2);
const store = new ModelStore(directory);
await store.ensure(blazeface256);
const model = {
  session: await Session.open(`${store.directoryOf(blazeface256)}/model.onnx`),
  spec: {
    manifest: blazeface256,
    directory: store.directoryOf(blazeface256),
    digest: modelDigest(blazeface256),
  },
};
const limits = { maxPixels: 40e6, formats: ['jpeg'] } as const;

async function analyze(serial: number): Promise<void> {
  await detectFaces(await decode(uniqueImage(serial), limits), model, new StageClock());
}

for (let run = 0; run < 20; run += 1) await analyze(run);
process.send?.('ready');
process.once('message', () => void measure());

async function measure(): Promise<void> {
  const latencies: number[] = [];
  const end = performance.now() + Number(seconds) * 1000;
  for (let serial = 0; performance.now() < end; serial += 1) {
    const started = performance.now();
    await analyze(serial);
    latencies.push(performance.now() - started);
  }
  process.send?.(latencies, () => process.disconnect());
}
