import type { ModelManifest } from '../protocol/model-manifest.ts';
import type { Detection } from './detection.ts';
import { suppress, suppressPixels } from './nms.ts';

type Suppression = (candidates: readonly Detection[], iou: number) => Detection[];

/** How the candidates of a detector, of all its passes, become faces: as in the code that its makers use. */
const suppressions: { readonly [D in ModelManifest['output']['decoder']]?: Suppression } = {
  // Its decoder has suppressed them already, weighted.
  blazeface: (candidates) => [...candidates],
  scrfd: suppressPixels,
  'prior-box': suppressPixels,
  'yolo-face': suppress,
};

/** Faces, best first, in pixels of the picture. */
export function facesAmong(
  candidates: readonly Detection[],
  { output, input, thresholds }: Pick<ModelManifest, 'output' | 'input' | 'thresholds'>,
): Detection[] {
  const merge =
    input.passes && output.decoder === 'blazeface' ? suppress : suppressions[output.decoder];
  return (merge ?? suppress)(candidates, thresholds.iou);
}
