import type { TrackedObject } from '../../api/types.ts';

/** Something that was followed from frame to frame. */
export interface SeenTrack {
  readonly id: string;
  readonly label: string;
  readonly score: number;
  readonly frames: number;
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
}

const mostTracks = 30;

/** What was followed so far, last seen first, with the objects of one more frame. */
export function withFrame(
  tracks: readonly SeenTrack[],
  objects: readonly TrackedObject[],
  now: number,
): readonly SeenTrack[] {
  const known = new Map(tracks.map((track) => [track.id, track]));
  const seen = objects.flatMap(({ track_id: id, label, score }): SeenTrack[] => {
    if (id === undefined) return [];
    const before = known.get(id);
    known.delete(id);
    return [
      {
        id,
        label,
        score,
        frames: (before?.frames ?? 0) + 1,
        first: before?.first ?? now,
        last: now,
      },
    ];
  });
  return [...seen, ...known.values()].slice(0, mostTracks);
}
