import { send } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import type { Enrolment } from '../api/types.ts';

/** Photos of one person, at most ten at a time, as the API takes them. */
export const mostPhotos = 10;

/** A photo, and which of its faces is meant where it has several. */
export interface PhotoOfPerson {
  readonly file: File;
  readonly face: number | undefined;
}

export interface Enrolled {
  readonly taken: number;
  /** By the place of the photo. */
  readonly rejected: Enrolment['rejected'];
  /** Why nothing was taken, or not all was sent. */
  readonly problem: Problem | undefined;
}

/** Enrols photos. The API takes one choice of a face with one request, so photos with the same choice go together. */
export async function enrol(
  { collection, person }: { readonly collection: string; readonly person: string },
  photos: readonly PhotoOfPerson[],
  force: boolean,
): Promise<Enrolled> {
  const path = `/api/v1/collections/${collection}/persons/${person}/faces`;
  const rejected: Enrolment['rejected'] = [];
  let taken = 0;
  let problem: Problem | undefined;
  const groups = Map.groupBy(photos.keys(), (place) => photos[place]?.face);
  for (const [face, places] of groups) {
    const files = places.flatMap((place) => photos[place]?.file ?? []);
    const done = await enrolTogether(path, files, face, force);
    taken += done.taken;
    rejected.push(
      ...done.rejected.map((each) => ({ ...each, index: places[each.index] ?? each.index })),
    );
    problem ??= done.problem;
    if (done.problem && done.problem.code !== 'FACE_REJECTED') break;
  }
  // Some were taken: what is said of the others says enough.
  if (taken > 0 && problem?.code === 'FACE_REJECTED') problem = undefined;
  return { taken, rejected: rejected.toSorted((a, b) => a.index - b.index), problem };
}

async function enrolTogether(
  path: string,
  files: readonly File[],
  face: number | undefined,
  force: boolean,
): Promise<Enrolled> {
  const form = new FormData();
  if (force) form.set('force', 'true');
  if (face !== undefined) form.set('face', String(face));
  for (const file of files) form.append('file', file);
  try {
    const answer = await send(path, { method: 'POST', body: form });
    const { faces, rejected } = (await answer.json()) as Enrolment;
    return { taken: faces.length, rejected, problem: undefined };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const rejected = (error.details['images'] ?? []) as Enrolment['rejected'];
    return { taken: 0, rejected, problem: error };
  }
}
