import type { Box } from '../protocol/image.ts';
import type { Area } from './canvas.ts';

/** A label that wants a place. */
export interface LabelRequest {
  readonly width: number;
  readonly height: number;
  /** What it belongs to. */
  readonly box: Box;
  readonly side: 'above' | 'below';
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * A place for each label inside the picture, so that none hides another: at its box if possible, else
 * further down or up. The first ones choose first. Undefined where the picture is full.
 * @param gap between a box and its label, in pixels: half of the box's line
 * @param spared areas that labels stay off when they can: the faces
 */
export function placeLabels(
  requests: readonly LabelRequest[],
  picture: Size,
  spared: readonly Box[],
  gap: number,
): (Area | undefined)[] {
  const taken: Area[] = [];
  return requests.map((request) => {
    const places = candidates(request, picture, gap).filter((place) =>
      taken.every((other) => !overlap(place, other)),
    );
    const faces = spared.map(areaOf);
    const best = places.find((place) => faces.every((face) => !overlap(place, face))) ?? places[0];
    if (best) taken.push(best);
    return best;
  });
}

/** Best first: at the edge that was asked for, at the other one, further away, inside the box. */
function candidates(
  { width, height, box, side }: LabelRequest,
  picture: Size,
  gap: number,
): Area[] {
  const [x1, y1, x2, y2] = [box[0] - gap, box[1] - gap, box[2] + gap, box[3] + gap];
  const above = y1 - height;
  const outside = side === 'above' ? [above, y2] : [y2, above];
  const steps = Array.from(
    { length: Math.ceil((2 * picture.height) / height) },
    (_, step) => step / 2,
  );
  const further = steps
    .flatMap((step) => [y2 + step * height, above - step * height])
    .filter((y) => y >= 0 && y + height <= picture.height);
  return [...outside, ...further, ...steps.map((step) => y1 + step * height)].flatMap((y) =>
    [x1, x2 - width].map((x) => ({
      x: Math.round(within(x, picture.width - width)),
      y: Math.round(within(y, picture.height - height)),
      width,
      height,
    })),
  );
}

function areaOf([x1, y1, x2, y2]: Box): Area {
  return { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
}

function overlap(a: Area, b: Area): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function within(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
