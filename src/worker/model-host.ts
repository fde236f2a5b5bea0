import { join } from 'node:path';
import { FoveaError, toFoveaError } from '../errors.ts';
import type { ModelSpec } from '../engine/messages.ts';
import type { ModelTask } from '../protocol/model-manifest.ts';
import type { HostedModel } from './hosted-model.ts';
import { Session } from './session.ts';
import { readEmap } from './swap-emap.ts';
import { openTextHalf } from './text-half.ts';
import { warmUp } from './warm-up.ts';

/** What became of a model: it is there, or why it is not. */
interface Entry {
  readonly task: ModelTask;
  readonly model?: HostedModel;
  readonly failure?: string;
}

/** The models of this process by name. */
export class ModelHost {
  readonly #entries = new Map<string, Entry>();

  /** Opens and warms the model; resolves with the milliseconds it took. @throws FoveaError MODEL_INVALID. */
  async load(spec: ModelSpec): Promise<number> {
    const started = performance.now();
    const { manifest, directory } = spec;
    const { name, task } = manifest;
    try {
      const [first] = manifest.files;
      if (!first) throw new FoveaError('MODEL_INVALID', 'The manifest names no file.');
      const session = await Session.open(join(directory, first.path));
      const parts = {
        ...(await swapParts(spec, first.path)),
        ...(await textPart(spec, session)),
      };
      const model = { spec, session, ...parts };
      for (let run = 0; run < manifest.warmup; run += 1) await warmUp(model);
      this.#entries.set(name, { task, model });
    } catch (error) {
      // One that worked before goes on working.
      const { model } = this.#entries.get(name) ?? {};
      const failure = toFoveaError(error).message;
      this.#entries.set(name, { task, failure, ...(model && { model }) });
      throw error;
    }
    return performance.now() - started;
  }

  /**
   * The model of that name, or the first one for the task.
   * @throws FoveaError MODEL_UNAVAILABLE saying why there is none
   */
  forTask(task: ModelTask, name?: string): HostedModel {
    const entries = [...this.#entries]
      .filter(([key, entry]) => entry.task === task && (name === undefined || key === name))
      .map(([, entry]) => entry);
    const [model] = entries
      .flatMap((entry) => entry.model ?? [])
      .sort((a, b) => (a.spec.rank ?? 0) - (b.spec.rank ?? 0));
    if (model) return model;
    const reason =
      entries.find((entry) => entry.failure)?.failure ??
      'it is not loaded yet; GET /api/v1/setup shows how far it is';
    const what =
      name === undefined
        ? `There is no model for ${task}`
        : `There is no model ${name} for ${task}`;
    throw new FoveaError('MODEL_UNAVAILABLE', `${what}: ${reason}.`, {
      task,
      ...(name === undefined ? {} : { model: name }),
      retry_after_seconds: 2,
    });
  }
}

/** What a swapping model needs beside its session. */
async function swapParts(
  { manifest: { output }, directory }: ModelSpec,
  modelFile: string,
): Promise<Pick<HostedModel, 'emap' | 'converter'>> {
  if (output.decoder !== 'swapped-face') return {};
  if (output.converter)
    return { converter: await Session.open(join(directory, output.converter.file)) };
  return { emap: await readEmap(directory, modelFile, output.size) };
}

async function textPart(
  { manifest: { output }, directory }: ModelSpec,
  session: Session,
): Promise<Pick<HostedModel, 'text'>> {
  if (output.decoder !== 'image-text') return {};
  return { text: await openTextHalf(output.text, directory, session) };
}
