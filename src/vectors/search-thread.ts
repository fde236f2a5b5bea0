import { parentPort } from 'node:worker_threads';
import { VectorMatrix } from './vector-matrix.ts';
import type { VectorReply, VectorRequest } from './vector-messages.ts';

/** The thread that holds vectors and compares them, so that nobody else waits for it. */

const sets = new Map<string, VectorMatrix>();

function answer(message: VectorRequest): Omit<VectorReply, 'request'> {
  switch (message.type) {
    case 'put': {
      const matrix = sets.get(message.set) ?? new VectorMatrix(message.dimensions);
      sets.set(message.set, matrix);
      matrix.put(message.block, message.fresh);
      return { bytes: matrix.bytes };
    }
    case 'remove': {
      const matrix = sets.get(message.set);
      matrix?.remove(message.faceIds);
      return { bytes: matrix?.bytes ?? 0 };
    }
    case 'drop':
      sets.delete(message.set);
      return { bytes: 0 };
    case 'search': {
      const found = sets.get(message.set)?.search(message.queries, message.bounds);
      return found ? { found } : {};
    }
    case 'scan': {
      const matrix = new VectorMatrix(message.dimensions);
      matrix.put(message.block, true);
      return { found: matrix.search(message.queries, message.bounds) };
    }
  }
}

parentPort?.on('message', (message: VectorRequest) => {
  try {
    parentPort?.postMessage({ request: message.request, ...answer(message) });
  } catch (error) {
    parentPort?.postMessage({ request: message.request, error: String(error) });
  }
});
