import type { Box } from '../../protocol/image.ts';
import type { DetectedObject } from '../../protocol/object.ts';
import { MotionFilter } from './motion-filter.ts';

export interface TrackerOptions {
  /** Put before the number of each track. */
  readonly prefix?: string;
  /** Scores from here on are matched first and begin tracks; what is below only continues them. */
  readonly sureScore?: number;
  /** Frames for which a track that is not seen is remembered. */
  readonly patience?: number;
  /** Most tracks; beyond it the ones not seen for longest are forgotten. */
  readonly most?: number;
}

interface Track {
  readonly id: string;
  readonly classId: number;
  readonly filter: MotionFilter;
  /** Predicted for this frame. */
  box: Box;
  /** Frames since it was seen. */
  missed: number;
}

interface Pair {
  readonly track: Track;
  readonly index: number;
  readonly overlap: number;
}

/**
 * ByteTrack's numbers (Zhang et al. 2022, `byte_tracker.py`): sure detections match from an overlap (IoU) of 0.2, the others of
 * 0.5; 30 frames of memory. Its score of 0.6 is for a detector of people alone; general ones are less sure of themselves.
 */
const defaults = { prefix: '', sureScore: 0.4, patience: 30, most: 256 };
const sureOverlap = 0.2;
const unsureOverlap = 0.5;

/**
 * Gives the objects of one scene ids that last from frame to frame, after SORT (Bewley et al. 2016) and ByteTrack: each track's
 * box is predicted by a Kalman filter; sure detections are matched to the boxes they overlap most, of their own
 * class; then the unsure ones to the tracks that are left. Best pair first instead of the best sum: with n objects O(n² log n).
 */
export class ObjectTracker {
  readonly #options: Required<TrackerOptions>;
  #tracks: Track[] = [];
  #made = 0;

  constructor(options: TrackerOptions = {}) {
    this.#options = { ...defaults, ...options };
  }

  /** Tracks that are seen or remembered. */
  get size(): number {
    return this.#tracks.length;
  }

  /** The next frame's objects, each with the id of its track; undefined for an unsure one that continues none. */
  update(objects: readonly DetectedObject[]): (string | undefined)[] {
    for (const track of this.#tracks) this.#predict(track);
    const ids: (string | undefined)[] = objects.map(() => undefined);
    const isSure = ({ score }: DetectedObject): boolean => score >= this.#options.sureScore;
    this.#match(objects, ids, isSure, sureOverlap);
    this.#match(objects, ids, (object) => !isSure(object), unsureOverlap);
    for (const [index, object] of objects.entries())
      if (ids[index] === undefined && isSure(object)) ids[index] = this.#begin(object);
    this.#forget();
    return ids;
  }

  #predict(track: Track): void {
    if (track.missed > 0) track.filter.holdSize();
    track.filter.predict();
    track.box = boxOf(track.filter.state);
    track.missed += 1;
  }

  /** Tracks whose `missed` is 0 again have been matched in this frame. */
  #match(
    objects: readonly DetectedObject[],
    ids: (string | undefined)[],
    wanted: (object: DetectedObject) => boolean,
    least: number,
  ): void {
    for (const { track, index } of this.#pairs(objects, wanted, least)) {
      const object = objects[index];
      if (object === undefined || track.missed === 0 || ids[index] !== undefined) continue;
      track.filter.correct(stateOf(object.box));
      track.missed = 0;
      ids[index] = track.id;
    }
  }

  /** Best overlap first; at the same overlap the track that was seen last. */
  #pairs(
    objects: readonly DetectedObject[],
    wanted: (object: DetectedObject) => boolean,
    least: number,
  ): Pair[] {
    const open = this.#tracks.filter(({ missed }) => missed > 0);
    const pairs = objects.flatMap((object, index) =>
      wanted(object)
        ? open
            .filter(({ classId }) => classId === object.class_id)
            .map((track) => ({ track, index, overlap: overlapOf(track.box, object.box) }))
        : [],
    );
    return pairs
      .filter(({ overlap }) => overlap >= least)
      .sort((a, b) => b.overlap - a.overlap || a.track.missed - b.track.missed);
  }

  #begin({ class_id: classId, box }: DetectedObject): string {
    this.#made += 1;
    const id = `${this.#options.prefix}${this.#made}`;
    this.#tracks.push({ id, classId, filter: new MotionFilter(stateOf(box)), box, missed: 0 });
    return id;
  }

  #forget(): void {
    const { patience, most } = this.#options;
    this.#tracks = this.#tracks.filter(({ missed }) => missed <= patience);
    if (this.#tracks.length > most)
      this.#tracks = this.#tracks.toSorted((a, b) => a.missed - b.missed).slice(0, most);
  }
}

function stateOf([x1, y1, x2, y2]: Box): number[] {
  return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1];
}

function boxOf([x = 0, y = 0, width = 1, height = 1]: readonly number[]): Box {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

/** Intersection over union. */
function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (areaOf(a) + areaOf(b) - shared);
}

function areaOf([x1, y1, x2, y2]: Box): number {
  return (x2 - x1) * (y2 - y1);
}
