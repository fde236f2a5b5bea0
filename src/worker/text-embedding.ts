import type { EmbedTextsInput, EmbedTextsOutput } from '../engine/embedding-tasks.ts';
import { FoveaError } from '../errors.ts';
import type { ImageInput, ImageTextOutput } from '../protocol/model-manifest.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { unitRows } from '../vision/image-text.ts';
import { imageToTensor } from '../vision/to-tensor.ts';
import type { WorkerContext } from './context.ts';
import type { HostedModel, TextHalf } from './hosted-model.ts';
import { JobModels } from './job-models.ts';
import { StageClock } from './stage-clock.ts';

type TextSpec = ImageTextOutput['text'];

/** Texts per run, unless the graph takes fewer: more only make the others of the queue wait. */
const MOST_PER_RUN = 8;

/** Texts as points of the space that they share with pictures. */
export async function embedTextsTask(
  { texts, model }: EmbedTextsInput,
  context: WorkerContext,
  signal: AbortSignal,
): Promise<EmbedTextsOutput> {
  const clock = new StageClock();
  const models = new JobModels(context.models);
  const hosted = models.need('image-text-embedding', model);
  const embeddings = await embedTexts(texts, hosted, clock, signal);
  return { embeddings, stages: clock.spent, models: models.references() };
}

/** Of length 1, in the order of the texts. @throws FoveaError MODEL_INVALID when the model is not what its manifest says */
export async function embedTexts(
  texts: readonly string[],
  { spec: { manifest }, text: half }: HostedModel,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const { output, input } = manifest;
  if (output.decoder !== 'image-text' || half === undefined)
    throw new FoveaError('MODEL_INVALID', `Model ${manifest.name} does not read texts.`);
  const { text, size } = output;
  const most = Math.min(MOST_PER_RUN, text.batch ?? Infinity);
  const idle = text.file === undefined ? { [input.name]: blankPicture(input) } : {};
  const found: Float32Array[] = [];
  for (let from = 0; from < texts.length; from += most) {
    signal?.throwIfAborted();
    const some = texts.slice(from, from + most);
    const feeds = await clock.time('preprocess', () => tokenFeeds(some, half));
    const outputs = await clock.time('inference', () => half.session.run(idle, feeds));
    found.push(...unitRows(outputs, text.values, size));
  }
  return found;
}

/** The texts as the graph's inputs [n, tokens]. */
export function tokenFeeds(
  texts: readonly string[],
  { tokenizer, spec }: Pick<TextHalf, 'tokenizer' | 'spec'>,
): Record<string, Tensor> {
  const { ids: name, dtype, mask, tokens, pad } = spec;
  const ids = new Int32Array(texts.length * tokens).fill(pad ?? tokenizer.end);
  const meant = new Int32Array(texts.length * tokens);
  for (const [row, text] of texts.entries()) {
    const encoded = tokenizer.encode(text, tokens);
    ids.set(encoded, row * tokens);
    meant.fill(1, row * tokens, row * tokens + encoded.length);
  }
  const dims = [texts.length, tokens];
  return {
    [name]: integers(ids, dtype, dims),
    ...(mask === undefined ? {} : { [mask]: integers(meant, dtype, dims) }),
  };
}

function integers(
  values: Int32Array,
  dtype: TextSpec['dtype'],
  dims: readonly number[],
): Tensor<'int32'> | Tensor<'int64'> {
  if (dtype === 'int32') return { dtype, dims, data: values };
  return { dtype, dims, data: BigInt64Array.from(values, BigInt) };
}

/** For graphs that have both halves and want both inputs. */
function blankPicture(input: ImageInput): Tensor<'float32'> {
  const { width, height } = input;
  return imageToTensor({ data: new Uint8Array(width * height * 3), width, height }, input);
}
