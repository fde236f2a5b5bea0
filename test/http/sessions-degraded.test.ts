import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { FoveaError } from '../../src/errors.ts';
import type { DetectionRecord } from '../../src/db/session-detections.ts';
import type { ImageLibrary } from '../../src/images/image-library.ts';
import { DegradableDetector } from '../../src/objects/degradable-detector.ts';
import type { KeptDetection, Session, SessionDetection } from '../../src/protocol/session.ts';
import { MemorySessionStore } from '../../src/sessions/memory-session-store.ts';
import { SessionDetector } from '../../src/sessions/session-detector.ts';
import { SessionTrackers } from '../../src/sessions/session-trackers.ts';
import { Sessions } from '../../src/sessions/sessions.ts';
import { form, photo, startTestServer, until } from '../support/server.ts';

describe('frames of sessions when a part is lost', () => {
  it('answers without the database, and lists it all afterwards', async (t) => {
    const server = await startTestServer({ FOVEA_WORKERS: '1' });
    t.after(() => server.close());
    const made = await server.fetch('/api/v1/sessions', { method: 'POST' });
    const { session_id: id } = (await made.json()) as Session;
    const file = join(server.dataDirectory, 'postgres/cluster/data/postmaster.pid');
    const postmaster = Number(readFileSync(file, 'utf8').split('\n')[0]);
    process.kill(postmaster, 'SIGSTOP');
    const answered: string[] = [];
    try {
      const children = `/proc/${postmaster}/task/${postmaster}/children`;
      for (const child of readFileSync(children, 'utf8').split(' ').filter(Boolean))
        process.kill(Number(child), 'SIGKILL');
      const coffee = await photo('coffee.png');
      for (let n = 0; n < 5; n += 1) {
        const started = performance.now();
        const response = await server.fetch(`/detect/${id}`, {
          method: 'POST',
          body: form(coffee),
        });
        const { detection_id: one } = (await response.json()) as SessionDetection;
        assert.equal(response.status, 200);
        assert.ok(performance.now() - started < 15_000);
        answered.push(one);
      }
    } finally {
      process.kill(postmaster, 'SIGCONT');
    }
    let listed: string[] = [];
    await until('the history', async () => {
      const response = await server.fetch(`/api/v1/sessions/${id}/detections`);
      if (response.status !== 200) return false;
      const { items } = (await response.json()) as { items: KeptDetection[] };
      listed = items.map(({ detection_id: one }) => one);
      return listed.length > 0;
    });
    assert.deepEqual(listed.toReversed(), answered);
  });

  it('says that no model looked, instead of that there is nothing to see', async () => {
    const store = new MemorySessionStore({ maxBytes: 1e6, keepMs: 1_000 });
    const sessions = new Sessions({ store, node: 'n', ttlMs: 60_000, maxTtlMs: 60_000 });
    const records: DetectionRecord[] = [];
    let lost = true;
    const detector = new SessionDetector({
      sessions,
      objects: new DegradableDetector({
        objects: {
          detect: () =>
            Promise.reject(new FoveaError('MODEL_UNAVAILABLE', 'It could not be loaded.')),
        },
        lost: () => lost,
      }),
      trackers: new SessionTrackers(),
      library: {} as unknown as ImageLibrary,
      record: (detection) => Promise.resolve(void records.push(detection)),
      keepFrames: false,
    });
    const open = { ownerId: null };
    const { id } = (await sessions.create(open, {})).state;
    const bytes = await photo('coffee.png');
    const frame = { bytes, sha256: '', source: 'upload', sourceUrl: null } as const;
    const { degraded, detections, width } = await detector.detect(id, frame, {}, open);
    assert.deepEqual([degraded, detections, width], [['model'], [], null]);
    assert.deepEqual(
      records.map((record) => record.degraded),
      [['model']],
    );
    const unavailable = (error: unknown): boolean =>
      error instanceof FoveaError && error.code === 'MODEL_UNAVAILABLE';
    await assert.rejects(detector.detect(id, frame, { model: 'mine' }, open), unavailable);
    lost = false; // it is only not ready yet
    await assert.rejects(detector.detect(id, frame, {}, open), unavailable);
    assert.equal(records.length, 1);
  });
});
