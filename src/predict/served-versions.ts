import type { ServedModel } from '../engine/tabular-tasks.ts';
import type { ResolvedVersion } from '../models/model-directory.ts';
import type { ModelFiles } from '../models/model-files.ts';
import { versionKey } from '../models/version-holds.ts';
import type { Prediction } from '../protocol/prediction.ts';
import { rowLayout, type RowLayout } from './row-layout.ts';

/** What running a version takes: where its file is, and how rows fill its inputs. */
export class ServedVersions {
  readonly #files: ModelFiles;
  readonly #layouts = new WeakMap<object, RowLayout>();
  readonly #models = new WeakMap<ResolvedVersion['version'], ServedModel>();

  constructor(files: ModelFiles) {
    this.#files = files;
  }

  model({ model, version }: ResolvedVersion): ServedModel {
    const known = this.#models.get(version);
    if (known) return known;
    const place = { ownerId: model.ownerId, name: model.name, version: version.version };
    const served = {
      key: versionKey(model.id, version.version),
      path: this.#files.servedPath(place),
      ...(version.serving.steps ? { stepsPath: this.#files.stepsPath(place) } : {}),
    };
    this.#models.set(version, served);
    return served;
  }

  layout({ version }: ResolvedVersion): RowLayout {
    const known = this.#layouts.get(version.signature);
    if (known) return known;
    const layout = rowLayout(
      version.signature,
      version.batching !== 'single',
      version.serving.rules,
    );
    this.#layouts.set(version.signature, layout);
    return layout;
  }
}

/** How answers name the version. */
export function nameOf({ model, version }: ResolvedVersion): Prediction['model'] {
  return { id: model.id, name: model.name, version: version.version };
}
