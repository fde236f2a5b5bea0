import { z } from 'zod';
import { modelManifest } from './model-manifest.ts';

/** What models that look at whole pictures are for. */
export const visionTask = z.enum(['object-detection', 'image-classification']);
export type VisionTask = z.infer<typeof visionTask>;

const { input, output, labels, thresholds } = modelManifest.shape;

/** How an uploaded model looks at pictures: the part of a manifest that is about the model itself. */
export const visionSpec = z
  .object({ task: visionTask, input, output, labels, thresholds })
  .meta({ id: 'VisionSpec' });
export type VisionSpec = z.infer<typeof visionSpec>;
