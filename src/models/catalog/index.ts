import type { ModelManifest } from '../../protocol/model-manifest.ts';
import { blazeface256 } from './blazeface-256.ts';

/** The models that every installation has: one file here, one line below. */
export const catalog: readonly ModelManifest[] = [blazeface256];
