/** A worker that leaks, for tests: a real one that keeps 24 MiB more with each job. */
const leakBytes = 24 * 1024 * 1024;
const kept: Buffer[] = [];

process.on('message', ({ type }: { readonly type: string }) => {
  if (type === 'job') kept.push(Buffer.alloc(leakBytes, kept.length + 1));
});
await import('../../src/worker/main.ts');
