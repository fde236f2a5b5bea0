import { FoveaError } from '../errors.ts';
import type { AnalyzeInput, AnalyzeOutput } from '../engine/tasks.ts';
import { imageQuality } from '../vision/image-quality.ts';
import { sniffFormat } from '../vision/sniff.ts';
import type { WorkerContext } from './context.ts';
import { detectFaces } from './face-detection.ts';
import { referenceTo } from './hosted-model.ts';
import { StageClock } from './stage-clock.ts';

/** Decodes once, then computes what is wanted and nothing else. */
export async function analyze(
  input: AnalyzeInput,
  context: WorkerContext,
  signal: AbortSignal,
): Promise<AnalyzeOutput> {
  const clock = new StageClock();
  const detector = input.want.includes('faces')
    ? context.models.forTask('face-detection')
    : undefined;
  const pixels = await clock.time('decode', () =>
    context.decoded.get(input.imageKey, input.image, input.limits),
  );
  const format = sniffFormat(input.image);
  if (!format)
    throw new FoveaError('IMAGE_FORMAT_UNSUPPORTED', 'The content is no image that is known.');
  signal.throwIfAborted();
  const quality = input.want.includes('quality')
    ? await clock.time('postprocess', () => imageQuality(pixels))
    : undefined;
  const faces = detector ? await detectFaces(pixels, detector, clock) : undefined;
  return {
    format,
    width: pixels.width,
    height: pixels.height,
    ...(quality ? { quality } : {}),
    ...(faces ? { faces } : {}),
    stages: clock.spent,
    models: detector ? [referenceTo(detector)] : [],
  };
}
