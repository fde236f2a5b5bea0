import type { FoundFace } from '../api/types.ts';

interface Found {
  readonly faces: readonly FoundFace[];
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
}

/** Place of the face that the API calls `largest`; 0 when there is none. */
export function largestFace({ faces }: Found): number {
  return greatest(faces, areaOf);
}

/** Place of the face that it calls `most_central`: large, and near the middle (src/vision/choose-faces.ts). */
export function mostCentralFace({ faces, width, height }: Found): number {
  return greatest(faces, (face) => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = face.box;
    const away = ((x1 + x2) / 2 - width / 2) ** 2 + ((y1 + y2) / 2 - height / 2) ** 2;
    return areaOf(face) - 2 * away;
  });
}

function areaOf({ box: [x1 = 0, y1 = 0, x2 = 0, y2 = 0] }: FoundFace): number {
  return (x2 - x1) * (y2 - y1);
}

/** Of equals the first. */
function greatest(faces: readonly FoundFace[], worth: (face: FoundFace) => number): number {
  const worths = faces.map(worth);
  return Math.max(0, worths.indexOf(Math.max(...worths)));
}
