import type { Config } from '../config.ts';
import type { OnDependency } from '../dependencies/dependency.ts';
import { Hub } from '../hub/hub.ts';
import { defaultHubSettings, type HubSettings } from '../hub/hub-settings.ts';
import { catalog } from '../models/catalog/index.ts';
import { archivesIn } from '../models/model-store.ts';
import { packs } from '../models/packs/index.ts';
import { LicenceLedger } from '../models/packs/licence-ledger.ts';
import type { ModelManifest } from '../protocol/model-manifest.ts';

/** Where model files come from, and who may use them. */
export interface ModelSources {
  readonly hub: Hub;
  readonly ledger: LicenceLedger;
  /** @throws FoveaError LICENCE_NOT_ACCEPTED */
  readonly mayUse: (manifest: ModelManifest) => Promise<void>;
}

/** @param onHub told that a server of model files is left alone, or answers again */
export function composeModelSources(config: Config, onHub?: OnDependency): ModelSources {
  const directory = config.FOVEA_MODELS_DIR;
  const ledger = new LicenceLedger(directory);
  return {
    hub: new Hub({
      settings: hubSettings(config),
      archives: archivesIn(directory),
      onChange: (origin, state, reason) => onHub?.('hub', state, `${origin}: ${reason}`),
    }),
    ledger,
    mayUse: async ({ pack: name }) => {
      const pack = packs.find((each) => each.name === name);
      if (pack?.licence) await ledger.require(pack.licence, pack.name);
    },
  };
}

/**
 * The catalog, behind the models of the packs in use: of several for one task, the first serves it. A pack that is not
 * known may still lie in the models folder.
 */
export function modelsInUse({
  FOVEA_FACE_PACK: faces,
  FOVEA_CLIP_PACK: clip,
}: Config): ModelManifest[] {
  const active = packs.filter(({ name }) => name === faces || name === clip);
  return [...active.flatMap(({ models }) => models), ...catalog];
}

function hubSettings(config: Config): HubSettings {
  return {
    ...defaultHubSettings,
    endpoint: config.HF_ENDPOINT,
    npmFiles: config.FOVEA_NPM_FILES,
    token: config.HF_TOKEN,
    offline: config.FOVEA_OFFLINE || config.HF_HUB_OFFLINE,
    silenceMs: config.FOVEA_HUB_SILENCE,
  };
}
