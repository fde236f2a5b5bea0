import type { ModelManifest } from '../../protocol/model-manifest.ts';
import { blazeface256 } from './blazeface-256.ts';
import { centernet } from './centernet.ts';
import { emotion } from './emotion.ts';
import { facemesh } from './facemesh.ts';
import { faceres } from './faceres.ts';
import { iris } from './iris.ts';
import { liveness } from './liveness.ts';

/** The models that every installation has: one file here, one line below. */
export const catalog: readonly ModelManifest[] = [
  blazeface256,
  centernet,
  faceres,
  emotion,
  facemesh,
  iris,
  liveness,
];
