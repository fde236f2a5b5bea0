import type { SwapInput, SwapOutput, SwapSource } from '../engine/face-tasks.ts';
import type { Box } from '../protocol/image.ts';
import { encode } from '../vision/encode.ts';
import { viewFace } from '../vision/face-alignment.ts';
import { pasteFace } from '../vision/paste-face.ts';
import type { Pixels } from '../vision/pixels.ts';
import type { WorkerContext } from './context.ts';
import { paintFace } from './face-painting.ts';
import type { HostedModel } from './hosted-model.ts';
import { JobModels } from './job-models.ts';
import { StageClock } from './stage-clock.ts';

/** InsightFace's cut for inswapper, for manifests that name no other. */
const CUT = { kind: 'template', template: 'arcface-128' } as const;

/** Paints another face over the given ones, and encodes the picture. */
export async function swapFace(
  input: SwapInput,
  context: WorkerContext,
  signal: AbortSignal,
): Promise<SwapOutput> {
  const clock = new StageClock();
  const models = new JobModels(context.models);
  const swapper = models.need('face-swap', input.swapper);
  const pixels = await clock.time('decode', () =>
    context.decoded.get(input.imageKey, input.image, input.limits),
  );
  const swapped: Box[] = [];
  let picture = pixels;
  for (const face of input.faces) {
    signal.throwIfAborted();
    const next = await swapOne(picture, face, input.source, swapper, clock);
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
    swapped,
    stages: clock.spent,
    models: models.references(),
  };
}

/** Undefined for a face without landmarks to align it by. */
export async function swapOne(
  picture: Pixels,
  face: SwapInput['faces'][number],
  source: SwapSource,
  swapper: HostedModel,
  clock: StageClock,
): Promise<Pixels | undefined> {
  const { input } = swapper.spec.manifest;
  const cut = input.cut && input.cut.kind !== 'level' ? input.cut : CUT;
  const view = await clock.time('preprocess', () => viewFace(picture, face, cut, input));
  if (view === undefined) return undefined;
  const painted = await paintFace(view.pixels, source, swapper, clock);
  return await clock.time('postprocess', () => pasteFace(picture, painted, view.map));
}
