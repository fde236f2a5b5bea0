import type { Point } from '../protocol/image.ts';
import type { FaceCut } from '../protocol/model-manifest.ts';
import type { Pixels } from './pixels.ts';
import { fitSimilarity } from './similarity.ts';
import { type Affine, warpAffine } from './warp-affine.ts';

/**
 * Right eye, left eye (the person's own), nose tip, right and left corner of the mouth on ArcFace's square of 112
 * pixels. Source: Deng et al., ArcFace, 2019; insightface, utils/face_align.py.
 */
const ARCFACE: readonly Point[] = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
];
/** The points of ArcFace's older crops, symmetrical. Source: facefusion, face_helper.py, where the ghost family needs it. */
const ARCFACE_V1: readonly Point[] = [
  [39.73, 51.138],
  [72.27, 51.138],
  [56, 68.493],
  [42.463, 87.01],
  [69.537, 87.01],
];
/** Per template: the side of its square, its points, and by how much they are moved to the right. */
const TEMPLATES = {
  'arcface-112': { side: 112, points: ARCFACE, right: 0 },
  'arcface-128': { side: 128, points: ARCFACE, right: 8 },
  'arcface-112-v1': { side: 112, points: ARCFACE_V1, right: 0 },
} as const;
export type FaceTemplate = keyof typeof TEMPLATES;

/** A face cut out along a known map, from the picture to the cut. */
export interface FaceView {
  readonly pixels: Pixels;
  readonly map: Affine;
}

/**
 * The map that lays a face's landmarks on the template, scaled to a square of `size` pixels.
 * @param landmarks five as above, or BlazeFace's six, whose mouth centre then stands for both corners
 * @returns undefined when the landmarks are of another number or span nothing
 */
export function alignmentOf(
  landmarks: readonly Point[],
  template: FaceTemplate,
  size: number,
): Affine | undefined {
  const { side, points, right } = TEMPLATES[template];
  const scale = size / side;
  const onTemplate = points.map(([x, y]): Point => [(x + right) * scale, y * scale]);
  if (landmarks.length === points.length) return fitSimilarity(landmarks, onTemplate);
  if (landmarks.length !== BLAZEFACE_POINTS) return undefined;
  const [rightEye, leftEye, nose, rightCorner, leftCorner] = onTemplate;
  if (!rightEye || !leftEye || !nose || !rightCorner || !leftCorner) return undefined;
  return fitSimilarity(landmarks.slice(0, 4), [
    rightEye,
    leftEye,
    nose,
    middle(rightCorner, leftCorner),
  ]);
}

/**
 * The five points among 68 landmarks in iBUG's order: each eye is the middle of its lids (its corners move with the
 * look), the mouth's corners are the middles of the outer and the inner ones. Undefined for another number.
 */
export function fivePoints(landmarks: readonly (readonly number[])[]): Point[] | undefined {
  if (landmarks.length !== 68) return undefined;
  return FIVE_OF_68.map((indexes): Point => {
    const mean = (axis: number): number =>
      indexes.reduce((sum, index) => sum + (landmarks[index]?.[axis] ?? 0), 0) / indexes.length;
    return [mean(0), mean(1)];
  });
}

const FIVE_OF_68 = [[37, 38, 40, 41], [43, 44, 46, 47], [30], [48, 60], [54, 64]] as const;

/** With the ears, which ArcFace's template does not have. */
const BLAZEFACE_POINTS = 6;

/** What a model sees of a face whose cut is `upright` or `template`; undefined where there are no landmarks for it. */
export function viewFace(
  pixels: Pixels,
  { box, landmarks }: { readonly box: readonly number[]; readonly landmarks: readonly Point[] },
  cut: Exclude<FaceCut, { kind: 'level' }>,
  size: { readonly width: number; readonly height: number },
): FaceView | undefined {
  const map =
    cut.kind === 'template'
      ? alignmentOf(landmarks, cut.template, size.width)
      : uprightMap(box, cut.context, size.width);
  if (map === undefined) return undefined;
  return { map, pixels: warpAffine(pixels, map, { left: 0, top: 0, ...size }) };
}

/** The square around the box's middle, `context` times its longer side, on `size` pixels a side. */
function uprightMap(
  [x1 = 0, y1 = 0, x2 = 0, y2 = 0]: readonly number[],
  context: number,
  size: number,
): Affine | undefined {
  const scale = size / (Math.max(x2 - x1, y2 - y1) * context);
  if (!Number.isFinite(scale) || scale <= 0) return undefined;
  return [
    scale,
    0,
    size / 2 - ((x1 + x2) / 2) * scale,
    0,
    scale,
    size / 2 - ((y1 + y2) / 2) * scale,
  ];
}

function middle(a: Point, b: Point): Point {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}
