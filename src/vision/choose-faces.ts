import type { Box } from '../protocol/image.ts';

/** Which of several faces is meant; a number is an index into them, from 0. */
export type FaceChoice = 'largest' | 'most_central' | 'all' | number;

/**
 * The faces that are meant. `largest` has the largest box; `most_central` the largest box after twice its squared
 * distance to the picture's middle, as insightface weighs it. Of equals the first.
 */
export function chooseFaces<T extends { readonly box: Box }>(
  faces: readonly T[],
  choice: FaceChoice,
  picture: { readonly width: number; readonly height: number },
): T[] {
  if (choice === 'all') return [...faces];
  if (typeof choice === 'number') return faces.slice(choice, choice + 1);
  const worth = ({ box: [x1, y1, x2, y2] }: T): number => {
    const area = (x2 - x1) * (y2 - y1);
    if (choice === 'largest') return area;
    const away =
      ((x1 + x2) / 2 - picture.width / 2) ** 2 + ((y1 + y2) / 2 - picture.height / 2) ** 2;
    return area - 2 * away;
  };
  return faces.toSorted((a, b) => worth(b) - worth(a)).slice(0, 1);
}
