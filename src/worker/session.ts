import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FoveaError } from '../errors.ts';

/** Raw float32 outputs by name. `data` is valid until the next run. */
export type Outputs = Readonly<
  Record<string, { readonly dims: readonly number[]; readonly data: Float32Array }>
>;

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

  /** @throws FoveaError MODEL_INVALID when the input or an output does not fit the manifest. */
  async run(
    inputs: Readonly<Record<string, { dims: readonly number[]; data: Float32Array }>>,
  ): Promise<Outputs> {
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { dims, data }]) => [
        name,
        new Tensor('float32', data, dims),
      ]),
    );
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
  if (tensor.data instanceof Float32Array) return { dims: tensor.dims, data: tensor.data };
  throw new FoveaError('MODEL_INVALID', `Output ${name} is ${tensor.type}; float32 is needed.`);
}
