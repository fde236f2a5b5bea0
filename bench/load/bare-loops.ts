import { fork, type ChildProcess } from 'node:child_process';

/** What the loop looks for. */
export type BareLook = 'faces' | 'objects';

/** What a loop did: milliseconds of each image, and of processor for all of them. */
export interface Looped {
  readonly latencies: readonly number[];
  readonly processorMs: number;
}

/** So many bare loops at once, each in a process of its own: one is what one caller gets, one per core is the ceiling. */
export async function bareLoops(
  look: BareLook,
  models: string,
  seconds: number,
  processes: number,
): Promise<Looped> {
  const loops = Array.from({ length: processes }, () =>
    fork(new URL('./bare-loop.ts', import.meta.url), [models, String(seconds), look]),
  );
  await Promise.all(loops.map(heard));
  const measured = Promise.all(loops.map(heard));
  for (const loop of loops) loop.send('go');
  const looped = (await measured) as Looped[];
  return {
    latencies: looped.flatMap(({ latencies }) => latencies),
    processorMs: looped.reduce((sum, { processorMs }) => sum + processorMs, 0),
  };
}

async function heard(loop: ChildProcess): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    loop.once('message', resolve);
    loop.once('exit', (code) => reject(new Error(`the bare loop ended with code ${code}`)));
  });
}
