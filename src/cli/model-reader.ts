import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { childEnvironment, readConfig } from '../config.ts';
import { Engine } from '../engine/engine.ts';
import type { TaskName, Tasks } from '../engine/tasks.ts';
import { FoveaError } from '../errors.ts';

/** Reads model files for one command. Whatever they do to it, this process is not harmed. */
export interface ModelReader {
  readonly files: readonly { readonly name: string; readonly path: string }[];
  readonly processBytes: number;
  readonly run: <T extends TaskName>(
    task: T,
    input: Tasks[T]['input'],
  ) => Promise<Tasks[T]['output']>;
}

const group = 'model-import';
const workerEntry = new URL('../worker/main.ts', import.meta.url);
/** The importer refuses larger ones too, but only once it has read them. */
const mostBytes = 512 * 2 ** 20;
/** The worker is killed before this; it bounds the wait for its start. */
const startMs = 30_000;

/**
 * A process of its own, with the same limits of time and memory as the server's importer
 * (`FOVEA_IMPORT_TIMEOUT`, `FOVEA_IMPORT_MEMORY`), for the length of `work`. It ends with it, also on Ctrl-C.
 * @throws FoveaError MODEL_INVALID with `import_code` in its details when the files are refused
 */
export async function withModelReader<T>(
  paths: readonly string[],
  work: (reader: ModelReader) => Promise<T>,
): Promise<T> {
  const files = await Promise.all(paths.map(localFile));
  const config = readConfig();
  const [limitMs, processBytes] = [config.FOVEA_IMPORT_TIMEOUT, config.FOVEA_IMPORT_MEMORY];
  let lost = '';
  const engine = new Engine({
    worker: { entry: workerEntry, environment: childEnvironment() },
    workers: 1,
    jobsPerWorker: 1,
    queueLimit: 1,
    stuckAfterMs: limitMs,
    workerMemory: processBytes,
    onEvent: (event) => {
      if (event.type === 'exit' && lost === '')
        lost = event.reason.startsWith('stuck') ? 'time' : event.stderr || event.reason;
    },
  });
  let interrupted = false;
  const stop = (): void => {
    interrupted = true;
    engine.close();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work({
      files,
      processBytes,
      run: async (task, input) => {
        try {
          return (await engine.run(group, task, input, { timeoutMs: limitMs + startMs })).output;
        } catch (error) {
          if (interrupted) throw new FoveaError('REQUEST_CANCELLED', 'Interrupted.');
          const code = error instanceof FoveaError ? error.code : undefined;
          if (code === 'WORKER_LOST' && lost !== '') throw fatal(lost, limitMs, processBytes);
          throw error;
        }
      },
    });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    engine.close();
  }
}

/** The importer's own code of a refusal, which says more than MODEL_INVALID. */
export function importCodeOf({ code, details }: FoveaError): string {
  const own = details['import_code'];
  return typeof own === 'string' ? own : code;
}

async function localFile(path: string): Promise<{ name: string; path: string }> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isFile())
    throw new FoveaError('REQUEST_INVALID', `${path} is no file that can be read.`);
  if (facts.size > mostBytes)
    throw new FoveaError(
      'MODEL_INVALID',
      `${path} has ${facts.size} bytes; at most ${mostBytes} are read.`,
      { import_code: 'INPUT_LIMIT' },
    );
  return { name: basename(path), path: resolve(path) };
}

/** The process held these files and nothing else when it ended. */
function fatal(lost: string, limitMs: number, processBytes: number): FoveaError {
  const mebibytes = Math.round(processBytes / 2 ** 20);
  if (lost === 'time')
    return new FoveaError(
      'MODEL_INVALID',
      `Reading took longer than ${limitMs / 1000} s; FOVEA_IMPORT_TIMEOUT is the limit.`,
      { import_code: 'READ_TIMEOUT' },
    );
  if (lost.startsWith('memory guard'))
    return new FoveaError(
      'MODEL_INVALID',
      `Reading took more than ${mebibytes} MiB of memory; FOVEA_IMPORT_MEMORY is the limit.`,
      { import_code: 'MEMORY_LIMIT' },
    );
  return new FoveaError(
    'MODEL_INVALID',
    `The process that read the files ended (${lost.slice(-300)}).`,
    { import_code: 'READER_LOST' },
  );
}
