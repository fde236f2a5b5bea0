import { Worker } from 'node:worker_threads';

let guard: Worker | undefined;

/**
 * From now on the process ends itself as soon as its resident memory is beyond `bytes`, also in the
 * middle of a native call: a thread watches. The first call decides.
 */
export async function guardMemory(bytes: number): Promise<void> {
  if (guard) return;
  guard = new Worker(new URL('./memory-guard-thread.ts', import.meta.url), {
    workerData: bytes,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  guard.once('online', resolve).once('error', reject);
  await promise;
  guard.unref();
}
