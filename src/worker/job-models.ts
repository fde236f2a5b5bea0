import type { ModelReference } from '../protocol/analysis.ts';
import type { ModelTask } from '../protocol/model-manifest.ts';
import { referenceTo, type HostedModel } from './hosted-model.ts';
import type { ModelHost } from './model-host.ts';

/** The models that one job uses, each with the time of its runs. */
export class JobModels {
  readonly #host: ModelHost;
  readonly #used = new Map<string, { readonly model: HostedModel; ms: number }>();

  constructor(host: ModelHost) {
    this.#host = host;
  }

  /** @throws FoveaError MODEL_UNAVAILABLE saying why. */
  need(task: ModelTask, name?: string): HostedModel {
    return this.use(this.#host.forTask(task, name));
  }

  /** A model that is at hand already. */
  use(model: HostedModel): HostedModel {
    const use = { model, ms: 0 };
    this.#used.set(model.spec.manifest.name, use);
    const timed = (session: HostedModel['session']): HostedModel['session'] => ({
      run: async (...inputs) => {
        const started = performance.now();
        return await session.run(...inputs).finally(() => (use.ms += performance.now() - started));
      },
    });
    const { session, text } = model;
    return {
      ...model,
      session: timed(session),
      ...(text && { text: { ...text, session: timed(text.session) } }),
    };
  }

  references(): ModelReference[] {
    return [...this.#used.values()].map(({ model, ms }) => ({
      ...referenceTo(model),
      inference_ms: Math.round(ms * 100) / 100,
    }));
  }
}
