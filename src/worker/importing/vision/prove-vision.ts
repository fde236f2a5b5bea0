import { FoveaError, toFoveaError } from '../../../errors.ts';
import type { ImageInput, ModelManifest } from '../../../protocol/model-manifest.ts';
import type { VisionSpec } from '../../../protocol/vision-spec.ts';
import { decoderFor } from '../../../vision/decoders.ts';
import type { Pixels } from '../../../vision/pixels.ts';
import { imageToTensor } from '../../../vision/to-tensor.ts';
import { runtimeWords } from '../../runtime-words.ts';
import type { Outputs } from '../../session.ts';
import type { RunnableModel } from '../../stepped-session.ts';
import type { VisionCandidate } from './vision-plan.ts';

/** Larger inputs take longer than anybody waits. */
const mostPixels = 16_000_000;
/** Rounding of a sigmoid or softmax. */
const overOne = 1.001;

export interface VisionProof {
  readonly candidate: VisionCandidate;
  /** Of the run on noise. */
  readonly runMs: number;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

/**
 * Runs the model on a blank picture and on noise, and reads both as each candidate says.
 * @throws FoveaError MODEL_INVALID unless exactly one of them fits
 */
export async function proveVision(
  session: RunnableModel,
  candidates: readonly [VisionCandidate, ...VisionCandidate[]],
): Promise<VisionProof> {
  const { input } = candidates[0].spec;
  const pictures = [picture(input, () => 114), picture(input, noise)];
  const misfits = new Map<VisionCandidate, string>();
  let shapes: VisionProof['shapes'] = {};
  let runMs = 0;
  for (const pixels of pictures) {
    const started = performance.now();
    const outputs = await run(session, input, pixels);
    runMs = performance.now() - started;
    shapes = Object.fromEntries(Object.entries(outputs).map(([name, { dims }]) => [name, dims]));
    for (const candidate of candidates) {
      const misfit = read(candidate.spec, outputs);
      if (misfit !== undefined) misfits.set(candidate, misfit);
    }
  }
  const [candidate, ...others] = candidates.filter((one) => !misfits.has(one));
  if (candidate && others.length === 0) return { candidate, runMs, shapes };
  if (candidate)
    throw invalid(
      `The model's outputs fit ${[candidate, ...others].map(({ layout }) => layout).join(' and ')} alike; say which it is: {"vision": {"layout": "${candidate.layout}"}} in the metadata (--layout).`,
      shapes,
    );
  const reasons = [...misfits].map(([{ layout }, reason]) => `${layout}: ${reason}`).join(' ');
  throw invalid(
    `The model runs, but its outputs are not what is said of them. ${reasons} Check labels and layout, or say them in the metadata, {"vision": {"layout": "…", "labels": […]}}.`,
    shapes,
  );
}

async function run(session: RunnableModel, input: ImageInput, pixels: Pixels): Promise<Outputs> {
  try {
    return await session.run({ [input.name]: imageToTensor(pixels, input) });
  } catch (error) {
    const { message, cause } = toFoveaError(error);
    const reason = runtimeWords(cause ?? message);
    throw new FoveaError(
      'MODEL_INVALID',
      `The model loads, but does not run on a picture of ${input.width} x ${input.height}: ${reason}`,
      { reason },
    );
  }
}

/** Why the outputs cannot be read so; undefined when they can. Every candidate of the model counts, however unlikely. */
function read(spec: VisionSpec, outputs: Outputs): string | undefined {
  const thresholds = { ...spec.thresholds, score: 0, class_scores: {} };
  const manifest = { ...spec, thresholds, name: 'uploaded' } as unknown as ModelManifest;
  try {
    const found = decoderFor(spec.task, manifest)(outputs).flat();
    const most = found.reduce((high, { score }) => Math.max(high, score), 0);
    if (most <= overOne) return undefined;
    return `scores go up to ${most.toPrecision(3)}; probabilities do not exceed 1.`;
  } catch (error) {
    return toFoveaError(error).message;
  }
}

function picture({ width, height }: ImageInput, at: (index: number) => number): Pixels {
  if (width * height > mostPixels)
    throw new FoveaError(
      'MODEL_INVALID',
      `The input has ${width} x ${height} pixels; at most ${mostPixels} are served. Export it smaller.`,
    );
  return {
    data: Uint8Array.from({ length: width * height * 3 }, (_, index) => at(index)),
    width,
    height,
  };
}

/** A byte that depends on `index` alone (a 32-bit mix, as in MurmurHash3's finaliser). */
function noise(index: number): number {
  let h = Math.imul(index + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) & 255;
}

function invalid(message: string, shapes: VisionProof['shapes']): FoveaError {
  return new FoveaError('MODEL_INVALID', message, { outputs: shapes });
}
