import { useState } from 'react';
import { mostPhotos, type PhotoOfPerson } from './enrol.ts';

/** The photos of a form, and of those with several faces which one is meant. */
export interface ChosenPhotos {
  readonly files: readonly File[];
  /** Counts the choices of files. */
  readonly turn: number;
  readonly photos: readonly PhotoOfPerson[];
  /** Whether all were looked at. */
  readonly settled: boolean;
  readonly tooMany: boolean;
  readonly choose: (files: readonly File[]) => void;
  readonly setFace: (place: number, face: number | undefined) => void;
}

const nothing = {
  files: [] as readonly File[],
  turn: 0,
  tooMany: false,
  faces: new Map<number, number | undefined>(),
};

export function useChosenPhotos(): ChosenPhotos {
  const [{ files, turn, tooMany, faces }, set] = useState(nothing);
  return {
    files,
    turn,
    tooMany,
    photos: files.map((file, i) => ({ file, face: faces.get(i) })),
    settled: faces.size === files.length,
    choose: (picked) =>
      set(({ turn: before }) => ({
        files: picked.slice(0, mostPhotos),
        tooMany: picked.length > mostPhotos,
        turn: before + 1,
        faces: new Map(),
      })),
    setFace: (place, face) =>
      set((before) => ({ ...before, faces: new Map(before.faces).set(place, face) })),
  };
}
