import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../errors.ts';
import { float32FromHalf } from '../import/tfjs/graph/half-float.ts';
import { lastInitializer } from '../onnx/last-initializer.ts';
import { dataTypes, type Tensor } from '../onnx/model.ts';
import { OnnxFormatError } from '../onnx/onnx-format-error.ts';

const FILE = 'emap.f32';

/**
 * The matrix of a swapping model, size x size, row by row: from `emap.f32` beside the model or, when there is none, the
 * last initialiser of its graph. Optimisers drop it from there, since no node uses it.
 * @throws FoveaError MODEL_INVALID when it is missing, of another size, or not finite
 */
export async function readEmap(
  directory: string,
  modelFile: string,
  size: number,
): Promise<Float32Array> {
  const beside = await readFile(join(directory, FILE)).catch(() => undefined);
  const values = beside
    ? floatsOf(beside)
    : await initializerOf(join(directory, modelFile), 4 * size * size + 4096);
  if (values.length !== size * size) {
    throw invalid(
      `The swapping model's matrix has ${values.length} values; ${size} x ${size} are needed. An optimised copy of the model may have lost it: bring the original file.`,
    );
  }
  if (values.every(Number.isFinite)) return values;
  throw invalid("The swapping model's matrix holds values that are no finite numbers.");
}

async function initializerOf(path: string, mostBytes: number): Promise<Float32Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const readAt = async (position: number, length: number): Promise<Uint8Array> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    };
    return valuesOf(await lastInitializer(readAt, size, mostBytes));
  } catch (error) {
    if (!(error instanceof OnnxFormatError)) throw error;
    throw invalid(`The swapping model's matrix cannot be read: ${error.message}`, error);
  } finally {
    await file.close();
  }
}

function valuesOf({ dataType, raw = new Uint8Array() }: Tensor): Float32Array {
  if (dataType === dataTypes.float32) return floatsOf(raw);
  if (dataType === dataTypes.float16) return halvesOf(raw);
  throw invalid("The last initialiser of the swapping model's graph is no matrix of floats.");
}

/** A copy, since bytes of a file need not start at a multiple of four. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const copy = Uint8Array.from(bytes.subarray(0, bytes.byteLength - (bytes.byteLength % 4)));
  return new Float32Array(copy.buffer);
}

function halvesOf(bytes: Uint8Array): Float32Array {
  return float32FromHalf(
    new Uint16Array(Uint8Array.from(bytes.subarray(0, bytes.byteLength & ~1)).buffer),
  );
}

function invalid(message: string, cause?: unknown): FoveaError {
  return new FoveaError('MODEL_INVALID', message, {}, cause);
}
