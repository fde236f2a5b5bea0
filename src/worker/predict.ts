import type {
  LoadInput,
  NamedTensors,
  PredictInput,
  PredictOutput,
  TabularTasks,
} from '../engine/tabular-tasks.ts';
import { FoveaError } from '../errors.ts';
import type { WorkerContext } from './context.ts';
import { guardMemory } from './memory-guard.ts';
import { runtimeWords } from './runtime-words.ts';
import { RuntimeRefusal } from './session.ts';

/** Runs a user's model, loading it first when it is not in memory. @throws FoveaError PREDICT_FAILED, MODEL_UNAVAILABLE. */
export async function predict(
  { model, runs, limits }: PredictInput,
  { loaded }: WorkerContext,
  signal: AbortSignal,
): Promise<PredictOutput> {
  await guardMemory(limits.processBytes);
  const { session, loadMs, release } = await loaded.hold(model, limits);
  try {
    const started = performance.now();
    const outputs: NamedTensors[] = [];
    for (const inputs of runs) {
      signal.throwIfAborted();
      outputs.push(await session.runTensors(inputs));
    }
    return { runs: outputs, loadMs, inferenceMs: performance.now() - started };
  } catch (error) {
    if (!(error instanceof RuntimeRefusal)) throw error;
    const reason = runtimeWords(error);
    throw new FoveaError('PREDICT_FAILED', `The model cannot compute these inputs: ${reason}`, {
      reason,
    });
  } finally {
    release();
  }
}

export async function loadModel(
  { model, limits }: LoadInput,
  { loaded }: WorkerContext,
): Promise<TabularTasks['load-model']['output']> {
  await guardMemory(limits.processBytes);
  const { loadMs, release } = await loaded.hold(model, limits);
  release();
  return { loadMs };
}

export async function unloadModel(
  { key }: TabularTasks['unload-model']['input'],
  { loaded }: WorkerContext,
): Promise<TabularTasks['unload-model']['output']> {
  return { unloaded: loaded.drop(key) };
}
