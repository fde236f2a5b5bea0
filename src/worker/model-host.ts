import { join } from 'node:path';
import { FoveaError, toFoveaError } from '../errors.ts';
import type { ModelSpec } from '../engine/messages.ts';
import type { ModelTask } from '../protocol/model-manifest.ts';
import type { Pixels } from '../vision/pixels.ts';
import { detectFaces } from './face-detection.ts';
import type { HostedModel } from './hosted-model.ts';
import { Session } from './session.ts';
import { StageClock } from './stage-clock.ts';

/** The models of this process, by task. The last one loaded for a task serves it. */
export class ModelHost {
  readonly #models = new Map<ModelTask, HostedModel>();
  readonly #failures = new Map<ModelTask, string>();

  /** Opens and warms the model; resolves with the milliseconds it took. @throws FoveaError MODEL_INVALID. */
  async load(spec: ModelSpec): Promise<number> {
    const started = performance.now();
    const { manifest, directory } = spec;
    try {
      const [first] = manifest.files;
      if (!first) throw new FoveaError('MODEL_INVALID', 'The manifest names no file.');
      const model = { spec, session: await Session.open(join(directory, first.path)) };
      for (let run = 0; run < manifest.warmup; run += 1) await warmUp[manifest.task](model);
      this.#models.set(manifest.task, model);
    } catch (error) {
      this.#failures.set(manifest.task, toFoveaError(error).message);
      throw error;
    }
    return performance.now() - started;
  }

  /** @throws FoveaError MODEL_UNAVAILABLE saying why. */
  forTask(task: ModelTask): HostedModel {
    const model = this.#models.get(task);
    if (model) return model;
    const reason =
      this.#failures.get(task) ?? 'it is not loaded yet; GET /api/v1/setup shows how far it is';
    throw new FoveaError('MODEL_UNAVAILABLE', `There is no model for ${task}: ${reason}.`, {
      task,
      retry_after_seconds: 2,
    });
  }
}

/** Any picture will do: what counts is that every shape fits. */
const blank: Pixels = { data: new Uint8Array(64 * 64 * 3), width: 64, height: 64 };

/** One run of a task on a blank image, results thrown away. */
const warmUp = {
  'face-detection': async (model) => {
    await detectFaces(blank, model, new StageClock());
  },
} as const satisfies Record<ModelTask, (model: HostedModel) => Promise<void>>;
