import { FoveaError } from '../errors.ts';
import type { SpacePoint } from '../protocol/face.ts';
import type { ModelManifest, ModelTask } from '../protocol/model-manifest.ts';
import type { ClassScore, DetectedObject } from '../protocol/object.ts';
import { type AgeGender, decodeAgeGender } from './age-gender.ts';
import { decodeBlazeface } from './blazeface.ts';
import { decodeClasses } from './classes.ts';
import type { Detection } from './detection.ts';
import { decodeDetr } from './detr.ts';
import { decodeEmbedding, type FaceEmbedding } from './embedding.ts';
import { decodeLandmarks } from './face-landmarks.ts';
import { decodeGenderAge } from './gender-age.ts';
import { decodeImageText } from './image-text.ts';
import type { DecoderName, OutputDecoder } from './output-decoder.ts';
import type { OutputTensors } from './output-tensor.ts';
import type { Pixels } from './pixels.ts';
import { decodePoints, type PointSet } from './points.ts';
import { decodePriorBox } from './prior-box.ts';
import { decodeNanodet } from './nanodet.ts';
import { decodeRows } from './rows.ts';
import { decodeScrfd } from './scrfd.ts';
import { decodeSsd } from './ssd.ts';
import { decodeSwappedFace } from './swapped-face.ts';
import { decodeYolo } from './yolo.ts';
import { decodeYoloFace } from './yolo-face.ts';

/** What a task's outputs become, in pixels of the model's input. Arrays of arrays: one per picture of the batch. */
export interface Decoded {
  readonly 'face-detection': Detection[];
  readonly 'face-attributes': AgeGender[];
  readonly 'face-emotion': ClassScore[][];
  readonly 'face-mesh': PointSet[];
  readonly 'face-iris': PointSet[];
  readonly 'face-liveness': ClassScore[][];
  readonly 'face-embedding': FaceEmbedding[];
  readonly 'face-landmarks': SpacePoint[][];
  readonly 'face-swap': Pixels[];
  readonly 'object-detection': DetectedObject[];
  readonly 'image-classification': ClassScore[][];
  readonly 'image-text-embedding': Float32Array[];
}

/** The decoders that a manifest may name, by task. */
const decoders: {
  readonly [T in ModelTask]: { readonly [D in DecoderName]?: OutputDecoder<D, Decoded[T]> };
} = {
  'face-detection': {
    blazeface: decodeBlazeface,
    scrfd: decodeScrfd,
    'prior-box': decodePriorBox,
    'yolo-face': decodeYoloFace,
  },
  'face-attributes': { 'age-gender': decodeAgeGender, 'gender-age': decodeGenderAge },
  'face-emotion': { classes: decodeClasses },
  'face-mesh': { points: decodePoints },
  'face-iris': { points: decodePoints },
  'face-liveness': { classes: decodeClasses },
  'face-embedding': { embedding: decodeEmbedding },
  'face-landmarks': { landmarks: decodeLandmarks },
  'face-swap': { 'swapped-face': decodeSwappedFace },
  'object-detection': {
    rows: decodeRows,
    yolo: decodeYolo,
    nanodet: decodeNanodet,
    ssd: decodeSsd,
    detr: decodeDetr,
  },
  'image-classification': { classes: decodeClasses },
  'image-text-embedding': { 'image-text': decodeImageText },
};

/**
 * How the outputs of this model become what the task needs.
 * @throws FoveaError MODEL_INVALID when the manifest is for another task, or names a decoder that gives something else
 */
export function decoderFor<T extends ModelTask>(
  task: T,
  manifest: ModelManifest,
): (outputs: OutputTensors) => Decoded[T] {
  const { decoder } = manifest.output;
  const known = decoders[task];
  // The table pairs each name with its own part of the union; the compiler cannot follow that through the look-up.
  const decode = known[decoder] as OutputDecoder<DecoderName, Decoded[T]> | undefined;
  if (manifest.task !== task || decode === undefined) {
    const names = Object.keys(known).join(' or ');
    throw new FoveaError(
      'MODEL_INVALID',
      `Model ${manifest.name} is for ${manifest.task} with decoder ${decoder}; ${task} needs ${names}.`,
      { task, model_task: manifest.task, decoder, accepted: Object.keys(known) },
    );
  }
  return (outputs) => decode(outputs, manifest);
}
