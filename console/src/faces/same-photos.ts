import type { FacePhoto } from './use-face-photo.ts';

/** What an answer is about: files, and which face of each. */
export type Asked = readonly unknown[];

export function askedOf(...photos: readonly FacePhoto[]): Asked {
  return photos.flatMap(({ file, chosen }) => [file, chosen]);
}

/** Whether an answer is about what is chosen now; another one is not shown any more. */
export function sameAsked(one: Asked | undefined, other: Asked): boolean {
  return one?.length === other.length && one.every((value, i) => value === other[i]);
}
