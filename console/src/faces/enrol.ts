import { send } from '../api/client.ts';
import type { Enrolment } from '../api/types.ts';

/** Photos of one person, at most ten at a time, as the API takes them. */
export const mostPhotos = 10;

/** @throws Problem FACE_REJECTED when no photo is good enough; `details.images` says why, photo by photo. */
export async function enrol(
  { collection, person }: { readonly collection: string; readonly person: string },
  photos: readonly File[],
  force: boolean,
): Promise<Enrolment> {
  const form = new FormData();
  if (force) {
    form.set('force', 'true');
    form.set('face', 'largest');
  }
  for (const photo of photos.slice(0, mostPhotos)) form.append('file', photo);
  const path = `/api/v1/collections/${collection}/persons/${person}/faces`;
  return (await (await send(path, { method: 'POST', body: form })).json()) as Enrolment;
}
