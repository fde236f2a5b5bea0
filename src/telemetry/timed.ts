/** Told of one operation when it is over. */
export type OnOperation = (operation: string, ms: number, ok: boolean) => void;

/** Runs `work` and says how long it took and whether it went well. @throws what `work` throws. */
export async function timed<T>(
  operation: string,
  tell: OnOperation,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  let ok = false;
  try {
    const result = await work();
    ok = true;
    return result;
  } finally {
    tell(operation, performance.now() - started, ok);
  }
}
