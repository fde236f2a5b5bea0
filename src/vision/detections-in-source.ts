import type { ModelManifest } from '../protocol/model-manifest.ts';
import { decoders } from './decoders.ts';
import type { Detection, OutputTensors } from './detection.ts';
import { boxToSource, clipBox, type InputTransform, pointToSource } from './letterbox.ts';

/**
 * Raw outputs to detections in pixels of the source picture, by descending score. Boxes are clipped
 * to the picture and dropped when nothing of them is inside; landmarks are not clipped, since a
 * keypoint outside the picture still tells the pose.
 * @throws FoveaError MODEL_INVALID when the outputs do not fit the manifest
 */
export function detectionsInSource(
  outputs: OutputTensors,
  manifest: Pick<ModelManifest, 'input' | 'output' | 'thresholds'>,
  transform: InputTransform,
): Detection[] {
  return decoders[manifest.output.decoder](outputs, manifest)
    .map(({ box, score, landmarks }) => ({
      box: clipBox(boxToSource(transform, box), transform.width, transform.height),
      score,
      landmarks: landmarks.map((point) => pointToSource(transform, point)),
    }))
    .filter(({ box: [x1, y1, x2, y2] }) => x2 > x1 && y2 > y1);
}
