import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { TrackedObject } from '../protocol/session.ts';
import type { DetectedObject } from '../protocol/object.ts';
import { ObjectTracker } from '../vision/tracking/object-tracker.ts';

const mostSessions = 10_000;
/** The most that one frame may bring to the tracker; a detector's limit is lower. */
const mostObjects = 300;

/**
 * The trackers of the sessions whose frames come to this node, in its memory. A frame that comes to another node, or
 * after a restart, begins tracks of its own; their ids are different ones.
 */
export class SessionTrackers {
  readonly #trackers = new LRUCache<string, ObjectTracker>({ max: mostSessions });

  get tracks(): number {
    let sum = 0;
    for (const tracker of this.#trackers.values()) sum += tracker.size;
    return sum;
  }

  /** The objects of the session's next frame with the ids of their tracks. */
  follow(sessionId: string, objects: readonly DetectedObject[]): TrackedObject[] {
    const tracker = this.#trackers.get(sessionId) ?? this.#begin(sessionId);
    const ids = tracker.update(objects.slice(0, mostObjects));
    return objects.map((object, index) => {
      const id = ids[index];
      return id === undefined ? object : { ...object, track_id: id };
    });
  }

  forget(sessionId: string): void {
    this.#trackers.delete(sessionId);
  }

  #begin(sessionId: string): ObjectTracker {
    const tracker = new ObjectTracker({ prefix: `${randomBytes(3).toString('hex')}-` });
    this.#trackers.set(sessionId, tracker);
    return tracker;
  }
}
