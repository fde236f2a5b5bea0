import type { SwapInput, SwapOutput } from '../engine/face-tasks.ts';
import type { Box } from '../protocol/image.ts';
import { chooseFaces } from '../vision/choose-faces.ts';
import { encode } from '../vision/encode.ts';
import { viewFace } from '../vision/face-alignment.ts';
import { pasteFace } from '../vision/paste-face.ts';
import type { Pixels } from '../vision/pixels.ts';
import type { WorkerContext } from './context.ts';
import { detectFaces, type FoundFace } from './face-detection.ts';
import { paintFace } from './face-painting.ts';
import { detectorOf } from './face-suite.ts';
import type { HostedModel } from './hosted-model.ts';
import { JobModels } from './job-models.ts';
import { StageClock } from './stage-clock.ts';

/** InsightFace's cut for inswapper, for manifests that name no other. */
const CUT = { kind: 'template', template: 'arcface-128' } as const;

/** Finds the faces, paints another over the chosen ones, and encodes the picture. */
export async function swapFace(
  input: SwapInput,
  context: WorkerContext,
  signal: AbortSignal,
): Promise<SwapOutput> {
  const clock = new StageClock();
  const models = new JobModels(context.models);
  const detector = detectorOf(models, input.suite);
  const swapper = models.need('face-swap', input.suite.swap);
  const pixels = await clock.time('decode', () =>
    context.decoded.get(input.imageKey, input.image, input.limits),
  );
  const found = await detectFaces(pixels, detector, clock);
  const swapped: Box[] = [];
  let picture = pixels;
  for (const face of chooseFaces(found, input.target, pixels)) {
    signal.throwIfAborted();
    const next = await swapOne(picture, face, input.embedding, swapper, clock);
    if (next === undefined) continue;
    picture = next;
    swapped.push(face.box);
  }
  const image = await clock.time('postprocess', () => encode(picture, input.format));
  return {
    image,
    format: input.format,
    width: pixels.width,
    height: pixels.height,
    found: found.length,
    swapped,
    stages: clock.spent,
    models: models.references(),
  };
}

/** Undefined for a face without landmarks to align it by. */
export async function swapOne(
  picture: Pixels,
  face: FoundFace,
  embedding: readonly number[],
  swapper: HostedModel,
  clock: StageClock,
): Promise<Pixels | undefined> {
  const { input } = swapper.spec.manifest;
  const cut = input.cut && input.cut.kind !== 'level' ? input.cut : CUT;
  const view = await clock.time('preprocess', () => viewFace(picture, face, cut, input));
  if (view === undefined) return undefined;
  const painted = await paintFace(view.pixels, embedding, swapper, clock);
  return await clock.time('postprocess', () => pasteFace(picture, painted, view.map));
}
