import type { FaceSuite } from '../../engine/face-tasks.ts';
import type { ModelManifest } from '../../protocol/model-manifest.ts';
import type { LicenceTerms } from './licence-terms.ts';

/** Models that are brought, licensed and used together. */
export interface ModelPack {
  readonly name: string;
  readonly description: string;
  /** What has to be accepted before it is used; nothing when its terms leave everybody free. */
  readonly licence?: LicenceTerms;
  readonly models: readonly ModelManifest[];
  /** Which of the models plays which part, when the pack is the one that looks at faces. */
  readonly suite?: FaceSuite;
}
