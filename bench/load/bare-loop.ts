import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import { centernet } from '../../src/models/catalog/centernet.ts';
import { modelDigest, ModelStore } from '../../src/models/model-store.ts';
import { decode } from '../../src/vision/decode.ts';
import { detectFaces } from '../../src/worker/face-detection.ts';
import { detectObjects } from '../../src/worker/object-detection.ts';
import { Session } from '../../src/worker/session.ts';
import { StageClock } from '../../src/worker/stage-clock.ts';
import { uniqueImage } from '../analyze/unique-images.ts';
import type { BareLook, Looped } from './bare-loops.ts';

/**
 * The floor of what looks at images: decode, model, decoding of its output, one image after another in this process, with
 * no server around. `<models folder> <seconds> <faces|objects>`; the models folder must have the model. Says when it is
 * ready, measures when it is told to, and sends what it measured.
 */
const [directory = '', seconds = '5', look = 'faces'] = process.argv.slice(2);
const looks = {
  faces: { manifest: blazeface256, find: detectFaces },
  objects: { manifest: centernet, find: detectObjects },
} as const satisfies Record<BareLook, unknown>;
const { manifest: wanted, find } = looks[look as BareLook];
const warmUps = 10;
const limits = { maxPixels: 40e6, formats: ['jpeg'] } as const;

const store = new ModelStore(directory);
const manifest = await store.ensure(wanted);
const folder = store.directoryOf(manifest);
const model = {
  session: await Session.open(`${folder}/${manifest.files[0]?.path ?? ''}`),
  spec: { manifest, directory: folder, digest: modelDigest(manifest) },
};

async function run(serial: number): Promise<void> {
  await find(await decode(uniqueImage(serial), limits), model, new StageClock());
}

async function measure(): Promise<void> {
  const latencies: number[] = [];
  const before = process.cpuUsage();
  const end = performance.now() + Number(seconds) * 1000;
  for (let serial = 0; performance.now() < end; serial += 1) {
    const started = performance.now();
    await run(serial);
    latencies.push(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(before);
  const looped: Looped = { latencies, processorMs: (user + system) / 1000 };
  process.send?.(looped, () => process.disconnect());
}

for (let serial = 0; serial < warmUps; serial += 1) await run(serial);
process.send?.('ready');
process.once('message', () => void measure());
