import type { Face, SpacePoint } from '../protocol/face.ts';
import type { ImageInput } from '../protocol/model-manifest.ts';
import { viewFace } from './face-alignment.ts';
import { type FaceCrop, faceInput } from './face-crop.ts';
import { pointsInCrop, pointsInSource } from './face-mesh.ts';
import type { Pixels } from './pixels.ts';
import { inverseAffine, mapPoint } from './warp-affine.ts';

/** A face in its picture, ready to be cut out for any model. */
export interface FaceLook {
  readonly picture: Pixels;
  /** Its box may reach beyond the picture. */
  readonly face: Pick<Face, 'box' | 'landmarks'>;
  /** For models whose cut is `level`; left out when there is none among them. */
  readonly crop?: FaceCrop;
}

/** What one model sees of a face: pixels of its input's size, and the way back into the picture. */
export interface FaceSight {
  readonly pixels: Pixels;
  readonly toSource: (points: readonly SpacePoint[]) => SpacePoint[];
}

/** Undefined when the face cannot be cut out so: it has no landmarks for a template, or no size. */
export function sightOf(
  { picture, face, crop }: FaceLook,
  input: ImageInput,
): FaceSight | undefined {
  const { cut } = input;
  if (cut === undefined || cut.kind === 'level') {
    if (!crop) return undefined;
    return {
      pixels: faceInput(crop, input),
      toSource: (points) => pointsInSource(pointsInCrop(points, input), crop.square),
    };
  }
  const view = viewFace(picture, face, cut, input);
  if (view === undefined) return undefined;
  const back = inverseAffine(view.map);
  const scale = Math.hypot(back[0], back[1]);
  return {
    pixels: view.pixels,
    toSource: (points) =>
      points.map(([x, y, z]): SpacePoint => [...mapPoint(back, [x, y]), z * scale]),
  };
}

/** Whether the model wants the level crop. */
export function needsLevelCrop({ cut }: ImageInput): boolean {
  return cut === undefined || cut.kind === 'level';
}
