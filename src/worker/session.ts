import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FoveaError } from '../errors.ts';
import type { NamedTensors } from '../engine/tabular-tasks.ts';
import type { Tensor as AnyTensor } from '../tensor/tensor.ts';

/** Raw float32 outputs by name. `data` is valid until the next run. */
export type Outputs = Readonly<
  Record<string, { readonly dims: readonly number[]; readonly data: Float32Array }>
>;

/** Why the runtime refuses a model or an input, in its own words. */
export class RuntimeRefusal extends Error {}

/**
 * An ONNX model in memory. One intra-op thread each: parallelism comes from worker processes.
 * `run` is synchronous native code under its promise and cannot be cancelled.
 */
export class Session {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** @throws FoveaError MODEL_INVALID when the file is not a model that the runtime can load. */
  static async open(file: string): Promise<Session> {
    try {
      const session = await InferenceSession.create(file, {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
      });
      return new Session(session);
    } catch (error) {
      throw new FoveaError('MODEL_INVALID', 'The runtime cannot load the model file.', {}, error);
    }
  }

  /**
   * Tensors of any type in, every output out. Their data are valid until the next run.
   * @throws RuntimeRefusal
   */
  async runTensors(inputs: NamedTensors): Promise<NamedTensors> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, { dtype, dims, data }] of Object.entries(inputs))
      feeds[name] = new Tensor(dtype, data, dims);
    let results: Awaited<ReturnType<InferenceSession['run']>>;
    try {
      results = await this.#session.run(feeds);
    } catch (error) {
      throw new RuntimeRefusal(error instanceof Error ? error.message : String(error));
    }
    const outputs: Record<string, AnyTensor> = {};
    for (const [name, { type, dims, data }] of Object.entries(results))
      outputs[name] = { dtype: type, dims, data } as AnyTensor;
    return outputs;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  /** Gives back the memory; nothing may run on it any more. */
  async release(): Promise<void> {
    await this.#session.release();
  }

  /**
   * @param others inputs that are not of float32
   * @throws FoveaError MODEL_INVALID when the input or an output does not fit the manifest.
   */
  async run(
    inputs: Readonly<Record<string, { dims: readonly number[]; data: Float32Array }>>,
    others: NamedTensors = {},
  ): Promise<Outputs> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, { dims, data }] of Object.entries(inputs))
      feeds[name] = new Tensor('float32', data, dims);
    for (const [name, { dtype, dims, data }] of Object.entries(others))
      feeds[name] = new Tensor(dtype, data, dims);
    let results: Awaited<ReturnType<InferenceSession['run']>>;
    try {
      results = await this.#session.run(feeds);
    } catch (error) {
      throw new FoveaError(
        'MODEL_INVALID',
        'The model does not run on the input that its manifest describes.',
        {},
        error,
      );
    }
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, float32(name, tensor)]),
    );
  }
}

function float32(name: string, tensor: Tensor): Outputs[string] {
  const { dims, data, type } = tensor;
  if (data instanceof Float32Array) return { dims, data };
  // Class numbers often are whole numbers; they are small enough to be exact.
  if (data instanceof BigInt64Array) return { dims, data: Float32Array.from(data, Number) };
  if (data instanceof Int32Array || data instanceof Uint8Array || data instanceof Float64Array)
    return { dims, data: Float32Array.from(data) };
  throw new FoveaError('MODEL_INVALID', `Output ${name} is ${type}; numbers are needed.`);
}
