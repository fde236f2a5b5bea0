import type { Face } from '../protocol/face.ts';
import type { Box, Point } from '../protocol/image.ts';
import type { DetectedObject } from '../protocol/object.ts';
import { type Annotation, type Circle, faceAnnotation, objectAnnotation } from './annotation.ts';
import { type Colour, strokeChains } from './canvas.ts';
import { decode, type ImageLimits } from './decode.ts';
import { drawLabel, labelSize } from './draw-text.ts';
import { encode, type EncodedFormat } from './encode.ts';
import { placeLabels } from './label-placement.ts';
import type { Pixels } from './pixels.ts';

const OUTLINE: Colour = [16, 18, 22];
/** The caller has a picture that was accepted before; these only keep a mistake within bounds. */
const DRAW_LIMITS: ImageLimits = {
  maxPixels: 268_000_000,
  formats: ['png', 'jpeg', 'webp', 'avif', 'tiff', 'gif'],
};

/**
 * The picture with everything that was found drawn in, encoded: objects with label and score; faces with
 * score, mesh or landmarks, irises, and what is known about the person.
 * @throws FoveaError as `decode` when given bytes that are no image
 */
export async function drawAnalysis(
  picture: Uint8Array | Pixels,
  found: { readonly faces?: readonly Face[]; readonly objects?: readonly DetectedObject[] },
  options: { readonly format: EncodedFormat },
): Promise<Uint8Array> {
  const pixels = picture instanceof Uint8Array ? await decode(picture, DRAW_LIMITS) : picture;
  const faces = (found.faces ?? []).map(faceAnnotation);
  const objects = (found.objects ?? []).map(objectAnnotation);
  return encode(drawAnnotations(pixels, faces, objects), options.format);
}

/** Thickness of lines and height of capitals, in pixels. */
interface Scale {
  readonly line: number;
  readonly capHeight: number;
}

/**
 * A copy of the picture with everything marked; lines and text are scaled to the picture.
 * @param front drawn over `back`; labels of others stay off these boxes where there is room
 */
export function drawAnnotations(
  pixels: Pixels,
  front: readonly Annotation[],
  back: readonly Annotation[] = [],
): Pixels {
  const copy = { ...pixels, data: Uint8Array.from(pixels.data) };
  const side = Math.min(pixels.width, pixels.height);
  const scale = { line: Math.max(1.5, side / 220), capHeight: Math.max(9, side / 60) };
  for (const { box, colour } of back) drawBox(copy, box, scale.line, colour);
  for (const annotation of front) drawMarks(copy, annotation, scale.line);
  drawTexts(copy, front, back, scale);
  return copy;
}

function drawMarks(
  pixels: Pixels,
  { box, colour, points = [], mesh = [], circles = [] }: Annotation,
  line: number,
): void {
  drawBox(pixels, box, line, colour);
  drawMesh(pixels, mesh, box, line, colour);
  for (const circle of circles) drawCircle(pixels, circle, line, colour);
  for (const point of points) drawPoint(pixels, point, line, colour);
}

/** Last, over everything: no line crosses a text, and no text hides another. */
function drawTexts(
  pixels: Pixels,
  front: readonly Annotation[],
  back: readonly Annotation[],
  { line, capHeight }: Scale,
): void {
  const text = (
    { box, colour }: Annotation,
    content: string | undefined,
    side: 'above' | 'below',
    cap: number,
  ) => (content ? [{ ...labelSize(content, cap, pixels), content, box, side, cap, colour }] : []);
  const texts = [
    ...front.flatMap((one) => text(one, one.label, 'above', capHeight)),
    ...front.flatMap((one) => text(one, one.note, 'below', capHeight * 0.85)),
    ...back.flatMap((one) => text(one, one.label, 'above', capHeight)),
  ];
  const spared = front.map(({ box }) => box);
  const places = placeLabels(texts, pixels, spared, line / 2);
  for (const [index, place] of places.entries()) {
    const one = texts[index];
    if (one && place) {
      drawLabel(pixels, one.content, [place.x, place.y], one.cap, one.colour);
    }
  }
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

/** Dots that are fine enough for the face to show between them, also in a small face. */
function drawMesh(
  pixels: Pixels,
  mesh: readonly Point[],
  [x1, , x2]: Box,
  line: number,
  colour: Colour,
): void {
  const width = Math.min(0.6 * line, Math.max(0.6, (x2 - x1) / 85));
  const dots = mesh.map((point) => [point, point]);
  if (dots.length > 0) strokeChains(pixels, dots, width, colour);
}

const CIRCLE_POINTS = 24;

function drawCircle(pixels: Pixels, { centre, radius }: Circle, line: number, colour: Colour) {
  const chain = Array.from({ length: CIRCLE_POINTS + 1 }, (_, index): Point => {
    const angle = (index / CIRCLE_POINTS) * 2 * Math.PI;
    return [centre[0] + radius * Math.cos(angle), centre[1] + radius * Math.sin(angle)];
  });
  strokeChains(pixels, [chain], Math.min(line * 1.1, radius * 0.9), OUTLINE);
  strokeChains(pixels, [chain], Math.min(line * 0.6, radius * 0.45), colour);
}
