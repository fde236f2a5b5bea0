import type { TfjsLimits } from '../limits.ts';
import { TfjsImportError } from '../tfjs-import-error.ts';
import type { Constant, Dtype } from './constant.ts';
import { float32FromHalf } from './half-float.ts';
import type { WeightEntry, WeightsManifest } from './model-json.ts';
import { elementCount } from './shape.ts';

/** Weight files: by the path that the manifest names, or in the manifest's order. */
export type Shards = ReadonlyMap<string, Uint8Array> | readonly Uint8Array[];

export interface Weights {
  readonly byName: ReadonlyMap<string, Constant>;
  readonly quantised: number;
}

/**
 * Decodes every weight. A group's shards are concatenated, then its weights follow each other without
 * gaps. Layout and quantisation: tfjs-core `io/io_utils.ts` `decodeWeights` (Apache-2.0):
 * uint8 and uint16 mean `q * scale + min`, rounded for an int32; float16 is IEEE half precision.
 */
export function readWeights(
  manifest: WeightsManifest,
  shards: Shards,
  limits: TfjsLimits,
): Weights {
  refuseTooLarge(manifest, limits);
  const byName = new Map<string, Constant>();
  let quantised = 0;
  let shardIndex = 0;
  for (const group of manifest) {
    const bytes = concatenate(group.paths.map((path) => findShard(shards, path, shardIndex++)));
    let offset = 0;
    for (const entry of group.weights) {
      const length = storedBytes(entry);
      if (offset + length > bytes.byteLength) {
        throw invalid(
          `Weight ${entry.name} needs bytes ${offset} to ${offset + length}, the shards have ${bytes.byteLength}`,
          { weight: entry.name },
        );
      }
      if (byName.has(entry.name)) {
        throw invalid(`Weight ${entry.name} is declared twice`, { weight: entry.name });
      }
      byName.set(
        entry.name,
        decode(entry, new Uint8Array(bytes.subarray(offset, offset + length))),
      );
      if (entry.quantization) quantised += 1;
      offset += length;
    }
    if (offset !== bytes.byteLength) {
      throw invalid(`The weights take ${offset} bytes, the shards have ${bytes.byteLength}`);
    }
  }
  return { byName, quantised };
}

function refuseTooLarge(manifest: WeightsManifest, limits: TfjsLimits): void {
  let total = 0;
  for (const entry of manifest.flatMap((group) => group.weights)) {
    if (entry.shape.length > limits.rank) {
      throw invalid(`Weight ${entry.name} has rank ${entry.shape.length}, at most ${limits.rank}`);
    }
    total += elementCount(entry.shape) * 4;
    if (total > limits.weightBytes) {
      throw new TfjsImportError(
        'TFJS_LIMIT',
        `The weights need more than ${limits.weightBytes} bytes.`,
      );
    }
  }
}

function findShard(shards: Shards, path: string, index: number): Uint8Array {
  const shard = Array.isArray(shards)
    ? (shards as readonly Uint8Array[])[index]
    : (shards as ReadonlyMap<string, Uint8Array>).get(path);
  if (shard) return shard;
  throw invalid(`Weight shard "${path}" is missing`, { path });
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const only = parts[0];
  if (only && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}

const plainBytes: Readonly<Record<Dtype, number>> = { float32: 4, int32: 4, bool: 1 };
const quantisedBytes = { float16: 2, uint16: 2, uint8: 1 } as const;

function storedBytes(entry: WeightEntry): number {
  const each = entry.quantization
    ? quantisedBytes[entry.quantization.dtype]
    : plainBytes[dtypeOf(entry)];
  return elementCount(entry.shape) * each;
}

function dtypeOf(entry: WeightEntry): Dtype {
  if (entry.dtype === 'float32' || entry.dtype === 'int32' || entry.dtype === 'bool')
    return entry.dtype;
  throw new TfjsImportError(
    'TFJS_DTYPE_UNSUPPORTED',
    `Weight ${entry.name} is of type "${entry.dtype}"; required float32, int32 or bool.`,
    { weight: entry.name, dtype: entry.dtype },
  );
}

/** `bytes` is a copy that starts at its buffer's first byte, so that typed arrays may view it. */
function decode(entry: WeightEntry, bytes: Uint8Array): Constant {
  const dtype = dtypeOf(entry);
  const shape = entry.shape;
  if (entry.quantization) return { dtype, shape, data: dequantise(entry, dtype, bytes) };
  if (dtype === 'float32') return { dtype, shape, data: new Float32Array(bytes.buffer) };
  if (dtype === 'int32') return { dtype, shape, data: new Int32Array(bytes.buffer) };
  return { dtype, shape, data: bytes.map((byte) => (byte === 0 ? 0 : 1)) };
}

function dequantise(
  entry: WeightEntry,
  dtype: Dtype,
  bytes: Uint8Array,
): Float32Array | Int32Array {
  const { dtype: stored, scale, min } = entry.quantization ?? { dtype: 'uint8' };
  if (dtype === 'bool' || (stored === 'float16' && dtype !== 'float32')) {
    throw invalid(`Weight ${entry.name} is a ${dtype} quantised as ${stored}`, {
      weight: entry.name,
    });
  }
  if (stored === 'float16') return float32FromHalf(new Uint16Array(bytes.buffer));
  if (scale === undefined || min === undefined) {
    throw invalid(`Weight ${entry.name} is quantised without scale or min`, { weight: entry.name });
  }
  const q = stored === 'uint8' ? bytes : new Uint16Array(bytes.buffer);
  if (dtype === 'float32') return Float32Array.from(q, (v) => v * scale + min);
  return Int32Array.from(q, (v) => Math.round(v * scale + min));
}

function invalid(
  problem: string,
  details: Readonly<Record<string, unknown>> = {},
): TfjsImportError {
  return new TfjsImportError('TFJS_WEIGHTS_INVALID', `${problem}.`, details);
}
