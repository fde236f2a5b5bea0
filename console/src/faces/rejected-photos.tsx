import type { Enrolment } from '../api/types.ts';
import { reasonsText } from './quality-words.ts';

interface RejectedPhotosProps {
  readonly rejected: Enrolment['rejected'];
  readonly photos: readonly File[];
}

/** Which photos were not taken, and why. */
export function RejectedPhotos({ rejected, photos }: RejectedPhotosProps) {
  if (rejected.length === 0) return null;
  return (
    <>
      <p>Not taken:</p>
      <ul>
        {rejected.map(({ index, reasons }) => (
          <li key={index}>
            <strong>{photos[index]?.name ?? `photo ${index + 1}`}</strong>: {reasonsText(reasons)}
          </li>
        ))}
      </ul>
    </>
  );
}
