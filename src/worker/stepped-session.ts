import type { NamedTensors } from '../engine/tabular-tasks.ts';
import { FoveaError } from '../errors.ts';
import { coupleProbabilities, textEncoder } from '../import/sklearn/import-sklearn.ts';
import { elementCount, type Tensor } from '../tensor/tensor.ts';
import type { ServingSteps } from './serving-steps.ts';
import type { Session } from './session.ts';

/** A model in memory, whatever belongs to running it. */
export type RunnableModel = Pick<Session, 'run' | 'runTensors' | 'release'>;

/** Values that one run may make of its texts: rows times the columns of the vectorizer, which some models spread out. */
const valuesPerRun = 16_000_000;
/** Characters of one text times the lengths of its n-grams. */
const longestText = 4_000_000;

/** A session with what is done before and after its graph. Rows lie along the first dimension of every tensor. */
export class SteppedSession implements RunnableModel {
  readonly #session: RunnableModel;
  readonly #steps: ServingSteps;
  readonly #encoders: readonly ReturnType<typeof textEncoder>[];
  readonly #rowsPerRun: number;

  constructor(session: RunnableModel, steps: ServingSteps) {
    this.#session = session;
    this.#steps = steps;
    this.#encoders = steps.texts.map(textEncoder);
    const widest = steps.texts.reduce((most, { width }) => Math.max(most, width), 1);
    this.#rowsPerRun = Math.max(1, Math.floor(valuesPerRun / widest));
  }

  /** @throws RuntimeRefusal; FoveaError PREDICT_FAILED for a text that is too long. */
  async runTensors(inputs: NamedTensors): Promise<NamedTensors> {
    const { texts } = this.#steps;
    if (texts.length === 0) return this.#coupled(await this.#session.runTensors(inputs));
    const rows = Object.values(inputs)[0]?.dims[0] ?? 0;
    const parts: NamedTensors[] = [];
    for (let start = 0; start < rows; start += this.#rowsPerRun) {
      const part = takeRows(inputs, start, Math.min(this.#rowsPerRun, rows - start));
      const outputs = this.#coupled(await this.#session.runTensors(this.#encoded(part)));
      parts.push(rows > this.#rowsPerRun ? copied(outputs) : outputs);
    }
    return joinRows(parts);
  }

  /** Images have no such steps: the graph alone. */
  run: Session['run'] = async (...inputs) => await this.#session.run(...inputs);

  async release(): Promise<void> {
    await this.#session.release();
  }

  #encoded(inputs: NamedTensors): NamedTensors {
    const feeds: Record<string, Tensor> = { ...inputs };
    for (const { input } of this.#steps.texts) delete feeds[input];
    for (const [index, stage] of this.#steps.texts.entries()) {
      const texts = inputs[stage.input]?.data as readonly string[];
      const [from, to] = stage.analyzer.ngrams;
      const longest = Math.floor(longestText / (to - from + 1));
      for (const text of texts) if (text.length > longest) throw tooLong(text.length, longest);
      const found = this.#encoders[index]?.(texts);
      if (!found) continue;
      const dims = [found.rows, found.width];
      feeds[stage.ids] = { dtype: 'int64', dims, data: found.ids };
      feeds[stage.counts] = { dtype: 'float64', dims, data: found.counts };
    }
    return feeds;
  }

  #coupled(outputs: NamedTensors): NamedTensors {
    const { coupling } = this.#steps;
    if (!coupling) return outputs;
    const { [coupling.from]: pairwise, ...others } = outputs;
    if (pairwise?.dtype !== 'float64')
      throw new FoveaError('PREDICT_FAILED', `The model gives no ${coupling.from}.`);
    const data = coupleProbabilities(pairwise.data as Float64Array, coupling.classes);
    const dims = [data.length / coupling.classes, coupling.classes];
    return { ...others, [coupling.to]: { dtype: 'float64', dims, data } };
  }
}

function tooLong(length: number, longest: number): FoveaError {
  return new FoveaError(
    'PREDICT_FAILED',
    `A text has ${length} characters; this model takes at most ${longest}. Cut it, or send its parts as rows.`,
    { characters: length, max_characters: longest },
  );
}

function takeRows(tensors: NamedTensors, start: number, count: number): NamedTensors {
  return mapped(tensors, ({ dtype, dims, data }) => {
    if (dims[0] === count) return { dtype, dims, data };
    const size = elementCount(dims.slice(1));
    const part = data.slice(start * size, (start + count) * size);
    return { dtype, dims: [count, ...dims.slice(1)], data: part };
  });
}

/** The next run may use the memory again. */
function copied(tensors: NamedTensors): NamedTensors {
  return mapped(tensors, (tensor) => ({ ...tensor, data: tensor.data.slice() }));
}

function joinRows(parts: readonly NamedTensors[]): NamedTensors {
  const [first = {}] = parts;
  if (parts.length === 1) return first;
  const rows = (name: string) => parts.reduce((sum, part) => sum + (part[name]?.dims[0] ?? 0), 0);
  return mapped(first, ({ dtype, dims, data }, name) => {
    const all: readonly unknown[] = parts.map((part) => part[name]?.data ?? []);
    const joined = ArrayBuffer.isView(data)
      ? concatenated(data as Float64Array, all as readonly Float64Array[])
      : (all as readonly (readonly string[])[]).flat();
    return { dtype, dims: [rows(name), ...dims.slice(1)], data: joined };
  });
}

function concatenated(like: Float64Array, parts: readonly Float64Array[]): Float64Array {
  const Kind = like.constructor as Float64ArrayConstructor;
  const all = new Kind(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function mapped(
  tensors: NamedTensors,
  change: (tensor: Tensor, name: string) => Tensor,
): NamedTensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, change(tensor, name)]),
  );
}
