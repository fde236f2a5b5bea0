import module from 'node:module';
import { describeCause, toFoveaError } from '../errors.ts';
import type {
  AnswerMessage,
  Failure,
  FromWorker,
  JobMessage,
  ModelSpec,
  ToWorker,
} from '../engine/messages.ts';
import type { TaskName, Tasks } from '../engine/tasks.ts';
import { analyze } from './analyze.ts';
import type { WorkerContext } from './context.ts';
import { DecodedImages } from './decoded-images.ts';
import { embedImageTask } from './image-embedding.ts';
import { importTfjs } from './import-tfjs.ts';
import { look } from './look.ts';
import { LoadedModels } from './loaded-models.ts';
import { ModelHost } from './model-host.ts';
import { loadModel, predict, unloadModel } from './predict.ts';
import { swapFace } from './swap-face.ts';
import { embedTextsTask } from './text-embedding.ts';

/** A worker process: takes messages from the server, answers each job exactly once. */

type Handlers = {
  readonly [T in TaskName]: (
    input: Tasks[T]['input'],
    context: WorkerContext,
    signal: AbortSignal,
  ) => Promise<Tasks[T]['output']>;
};
const handlers: Handlers = {
  analyze,
  look,
  'import-tfjs': importTfjs,
  'import-model': async (input) =>
    // Loaded when needed: few workers ever import.
    await (await import('./importing/import-model.ts')).importModel(input),
  'convert-model': async (input) =>
    await (await import('./importing/convert-model.ts')).convertModel(input),
  'examine-models': async (input) =>
    await (await import('./importing/convert-model.ts')).examineFiles(input),
  predict,
  'swap-face': swapFace,
  'embed-image': embedImageTask,
  'embed-texts': embedTextsTask,
  'load-model': loadModel,
  'unload-model': unloadModel,
};

type Usage = Pick<AnswerMessage, 'rss' | 'cpuSeconds'>;

const context: WorkerContext = {
  models: new ModelHost(),
  decoded: new DecodedImages(),
  loaded: new LoadedModels(),
};
const running = new Map<number, AbortController>();
/** Reading the usage costs more than the run of a small model: answers within this time share what was read. */
const usageEveryMs = 20;
let lastUsage: Usage = { rss: 0, cpuSeconds: 0 };
let usageReadAt = Number.NEGATIVE_INFINITY;
/** Models load one after another, in the order they came. */
let loading = Promise.resolve();

process.on('message', (message: ToWorker) => {
  if (message.type === 'load') loading = loading.then(() => load(message.model));
  else if (message.type === 'cancel') running.get(message.id)?.abort();
  else void work(message);
});
// The server is gone, however it went: nobody is left to answer.
process.on('disconnect', () => process.exit(0));
// A terminal's Ctrl-C reaches the whole process group; the server decides when its workers end.
process.on('SIGINT', () => undefined);
send({ type: 'online' });
module.flushCompileCache(); // for the next worker; this one may end by force

async function load(model: ModelSpec): Promise<void> {
  const { name } = model.manifest;
  try {
    send({ type: 'model', name, loadMs: await context.models.load(model) });
  } catch (error) {
    send({ type: 'model', name, loadMs: 0, failure: asFailure(error) });
  }
}

async function work<T extends TaskName>({ id, task, input }: JobMessage<T>): Promise<void> {
  const cancel = new AbortController();
  running.set(id, cancel);
  try {
    const output = await handlers[task](input, context, cancel.signal);
    send({ type: 'result', id, output, ...usage() });
  } catch (error) {
    send({ type: 'failure', id, failure: asFailure(error), ...usage() });
  } finally {
    running.delete(id);
  }
}

function usage(): Usage {
  const now = performance.now();
  if (now - usageReadAt < usageEveryMs) return lastUsage;
  const { user, system } = process.cpuUsage();
  lastUsage = { rss: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 };
  usageReadAt = now;
  return lastUsage;
}

function asFailure(error: unknown): Failure {
  const { code, message, details, cause } = toFoveaError(error);
  return cause === undefined
    ? { code, message, details }
    : { code, message, details, cause: describeCause(cause) };
}

function send(message: FromWorker): void {
  process.send?.(message);
}
