import type { Face } from '../protocol/face.ts';
import type { Box, Point } from '../protocol/image.ts';
import { type Colour, strokeChains } from './canvas.ts';
import { decode, type ImageLimits } from './decode.ts';
import { drawLabel, labelSize } from './draw-text.ts';
import { encode, type EncodedFormat } from './encode.ts';
import type { Pixels } from './pixels.ts';

/** Something to mark in a picture: a face, an object, whatever has a box. */
export interface Annotation {
  readonly box: Box;
  /** Above the box. */
  readonly label: string;
  /** Below the box. */
  readonly note?: string;
  readonly points?: readonly Point[];
}

/** Light, saturated colours: dark text reads on them, and neighbours differ. */
const PALETTE: readonly [Colour, ...Colour[]] = [
  [80, 230, 140],
  [90, 200, 255],
  [255, 205, 70],
  [255, 140, 190],
  [190, 165, 255],
  [255, 160, 90],
];
const OUTLINE: Colour = [16, 18, 22];
/** The caller has a picture that was accepted before; these only keep a mistake within bounds. */
const DRAW_LIMITS: ImageLimits = {
  maxPixels: 268_000_000,
  formats: ['png', 'jpeg', 'webp', 'avif', 'tiff', 'gif'],
};

/**
 * The picture with every face's box, landmarks, score and pose drawn in, encoded.
 * @throws FoveaError as `decode` when given bytes that are no image
 */
export async function drawFaces(
  picture: Uint8Array | Pixels,
  faces: readonly Face[],
  options: { readonly format: EncodedFormat },
): Promise<Uint8Array> {
  const pixels = picture instanceof Uint8Array ? await decode(picture, DRAW_LIMITS) : picture;
  return encode(drawAnnotations(pixels, faces.map(annotationOf)), options.format);
}

/** A copy of the picture with everything marked; lines and text are scaled to the picture. */
export function drawAnnotations(pixels: Pixels, annotations: readonly Annotation[]): Pixels {
  const copy = { ...pixels, data: Uint8Array.from(pixels.data) };
  const side = Math.min(pixels.width, pixels.height);
  const line = Math.max(1.5, side / 220);
  const capHeight = Math.max(9, side / 60);
  const coloured = annotations.map((annotation, index) => ({
    ...annotation,
    colour: PALETTE[index % PALETTE.length] ?? PALETTE[0],
  }));
  // In layers, so that the note of one face hides neither box nor landmarks of its neighbour.
  for (const { box, note, colour } of coloured) {
    const below: Point = [box[0] - line / 2, box[3] + line / 2];
    if (note !== undefined) drawLabel(copy, note, below, capHeight * 0.85, colour);
  }
  for (const { box, points = [], colour } of coloured) {
    drawBox(copy, box, line, colour);
    for (const point of points) drawPoint(copy, point, line, colour);
  }
  for (const { box, label, colour } of coloured) {
    const top = box[1] - line / 2 - labelSize(label, capHeight, copy).height;
    drawLabel(copy, label, [box[0] - line / 2, top], capHeight, colour);
  }
  return copy;
}

function annotationOf({ box, score, landmarks, pose }: Face): Annotation {
  const degrees = (value: number) => `${Math.round(value) + 0}°`;
  return {
    box,
    points: landmarks,
    label: `face ${score.toFixed(2)}`,
    note: `yaw ${degrees(pose.yaw)} · pitch ${degrees(pose.pitch)} · roll ${degrees(pose.roll)}`,
  };
}

/** Edge by edge: a whole frame as one shape would need a mask as large as the picture. */
function drawBox(pixels: Pixels, [x1, y1, x2, y2]: Box, line: number, colour: Colour): void {
  const corners: Point[] = [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
  ];
  for (const [index, corner] of corners.entries()) {
    const next = corners[(index + 1) % corners.length] ?? corner;
    strokeChains(pixels, [[corner, next]], line, colour);
  }
}

/** A dot with a dark rim, so that it shows on every ground. */
function drawPoint(pixels: Pixels, point: Point, line: number, colour: Colour): void {
  strokeChains(pixels, [[point, point]], 3.4 * line, OUTLINE);
  strokeChains(pixels, [[point, point]], 2.2 * line, colour);
}
