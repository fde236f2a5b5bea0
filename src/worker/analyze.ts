import { FoveaError } from '../errors.ts';
import type { AnalyzeInput, AnalyzeOutput, Want } from '../engine/tasks.ts';
import type { Face } from '../protocol/face.ts';
import { imageQuality } from '../vision/image-quality.ts';
import type { Pixels } from '../vision/pixels.ts';
import { sniffFormat } from '../vision/sniff.ts';
import type { WorkerContext } from './context.ts';
import { detectFaces } from './face-detection.ts';
import { enrichFaces } from './face-enrichment.ts';
import { detectorOf, faceModelsFor } from './face-suite.ts';
import { classifyImage } from './image-classification.ts';
import { JobModels } from './job-models.ts';
import { detectObjects } from './object-detection.ts';
import { StageClock } from './stage-clock.ts';

/** More classes than anybody reads. */
const mostClasses = 100;

/**
 * Decodes once, then computes what is wanted and nothing else. Faces and objects go side by side:
 * while one model runs, the codec already prepares the input of the other.
 */
export async function analyze(
  input: AnalyzeInput,
  context: WorkerContext,
  signal: AbortSignal,
): Promise<AnalyzeOutput> {
  const clock = new StageClock();
  const models = new JobModels(context.models);
  const work = planned(input, models);
  const pixels = await clock.time('decode', () =>
    context.decoded.get(input.imageKey, input.image, input.limits),
  );
  const format = sniffFormat(input.image);
  if (!format)
    throw new FoveaError('IMAGE_FORMAT_UNSUPPORTED', 'The content is no image that is known.');
  signal.throwIfAborted();
  const [quality, faces, objects, classes] = await Promise.all([
    input.want.includes('quality')
      ? clock.time('postprocess', () => imageQuality(pixels))
      : undefined,
    work.faces?.(pixels, clock, signal),
    work.objects?.(pixels, clock, signal),
    work.classes?.(pixels, clock, signal),
  ]);
  return {
    format,
    width: pixels.width,
    height: pixels.height,
    ...(quality ? { quality } : {}),
    ...(faces ? { faces } : {}),
    ...(objects ? { objects } : {}),
    ...(classes ? { classes } : {}),
    stages: clock.spent,
    models: models.references(),
  };
}

type Step<T> = ((pixels: Pixels, clock: StageClock, signal: AbortSignal) => Promise<T>) | undefined;

interface Plan {
  readonly faces: Step<Face[]>;
  readonly objects: Step<NonNullable<AnalyzeOutput['objects']>>;
  readonly classes: Step<NonNullable<AnalyzeOutput['classes']>>;
}

/** Finds every model before anything is decoded, so that a missing one costs nothing. */
function planned({ want, model, suite }: AnalyzeInput, models: JobModels): Plan {
  const wants = new Set(want);
  const faces = wants.has('faces') ? facesStep(wants, models, suite) : undefined;
  const objects = wants.has('objects') ? models.need('object-detection', model) : undefined;
  const classes = wants.has('classes') ? models.need('image-classification', model) : undefined;
  return {
    faces,
    objects: objects && ((pixels, clock) => detectObjects(pixels, objects, clock)),
    classes: classes && ((pixels, clock) => classifyImage(pixels, classes, clock, mostClasses)),
  };
}

function facesStep(
  wants: ReadonlySet<Want>,
  models: JobModels,
  suite: AnalyzeInput['suite'],
): Step<Face[]> {
  const detector = detectorOf(models, suite);
  const chosen = faceModelsFor(wants, models, suite);
  return async (pixels, clock, signal) =>
    await enrichFaces(pixels, await detectFaces(pixels, detector, clock), chosen, clock, signal);
}
