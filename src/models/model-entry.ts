import type { EngineModelState } from '../engine/model-group.ts';
import { FoveaError } from '../errors.ts';
import type { ModelStatus } from '../protocol/model.ts';
import type { ModelManifest } from '../protocol/model-manifest.ts';
import { bytesOf, modelDigest, type StoreProgress } from './model-store.ts';
import { TransferRate } from './transfer-rate.ts';

/** From this size on a model is loaded on first use, whatever its manifest says: it must not hold up a start. */
const bigModelBytes = 500_000_000;

/** A model that the server knows, and how it stands. */
export interface ModelEntry {
  manifest: ModelManifest;
  digest: string;
  /** Whether it is to be loaded at all: models of a pack that is not in use only lie there. */
  active: boolean;
  files: 'absent' | 'fetching' | 'present' | 'failed';
  loaded: boolean;
  share: number;
  transfer?: StoreProgress['transfer'];
  readonly rate: TransferRate;
  error?: FoveaError | undefined;
  /** Until then, on the clock of `performance.now`, a failure on use is not tried again. */
  retryAt?: number | undefined;
  /** The run that brings its files; whoever asks meanwhile joins it. */
  preparing?: Promise<void> | undefined;
}

export function newEntry(manifest: ModelManifest, active: boolean): ModelEntry {
  return {
    manifest,
    digest: modelDigest(manifest),
    active,
    files: 'absent',
    loaded: false,
    share: 0,
    rate: new TransferRate(),
  };
}

/** Whether it waits for its first use. */
export function isLazy({ manifest }: ModelEntry): boolean {
  if (manifest.load === 'lazy') return true;
  return manifest.load === 'eager' && bytesOf(manifest.files) >= bigModelBytes;
}

/** @param engine how it stands in the workers, if it is loaded */
export function statusOf(entry: ModelEntry, engine: EngineModelState | undefined): ModelStatus {
  const { name, version, task, licence, origin, files, pack } = entry.manifest;
  const fixed = {
    name,
    version,
    task,
    ...(pack === undefined ? {} : { pack }),
    active: entry.active,
    load: isLazy(entry) ? ('lazy' as const) : entry.manifest.load,
    licence,
    origin,
    digest: entry.digest,
    size_bytes: bytesOf(files),
    progress: entry.share,
  };
  if (!engine)
    return { ...fixed, state: entry.files, ...failureOf(entry.error), ...transferOf(entry) };
  if (engine.state === 'ready') return { ...fixed, state: 'ready', load_ms: engine.loadMs };
  if (engine.state === 'failed')
    return { ...fixed, state: 'failed', ...failureOf(loadFailure(engine.reason)) };
  return { ...fixed, state: 'loading' };
}

function loadFailure(reason: string): FoveaError {
  return new FoveaError('MODEL_INVALID', reason);
}

function failureOf(error: FoveaError | undefined): Pick<ModelStatus, 'reason' | 'error'> {
  if (!error) return {};
  return { reason: error.message, error: { code: error.code, message: error.message } };
}

function transferOf({ files, transfer, rate }: ModelEntry): Pick<ModelStatus, 'transfer'> {
  if (files !== 'fetching' || !transfer) return {};
  const { bytesPerSecond } = rate;
  const eta = rate.etaSeconds(transfer.total);
  return {
    transfer: {
      file: transfer.file,
      bytes_done: transfer.done,
      bytes_total: transfer.total ?? null,
      ...(bytesPerSecond === undefined ? {} : { bytes_per_second: bytesPerSecond }),
      ...(eta === undefined ? {} : { eta_seconds: eta }),
    },
  };
}
