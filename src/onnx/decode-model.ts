import type {
  Attribute,
  Dimension,
  Graph,
  Int64,
  Model,
  Node,
  Tensor,
  ValueInfo,
} from './model.ts';
import { decodeTensor } from './decode-tensor.ts';
import { readEntry } from './decode-entry.ts';
import { DecodeBudget, defaultDecodeLimits, readMessage } from './message-reader.ts';
import type { DecodeLimits, Field } from './message-reader.ts';
import { OnnxFormatError } from './onnx-format-error.ts';

/**
 * Reads an `.onnx` file without trusting it: lengths are checked against their message, depth and
 * counts against `limits`, unknown fields are stepped over. Tensor data stay views of `bytes`.
 * @throws OnnxFormatError
 */
export function decodeModel(bytes: Uint8Array, limits: DecodeLimits = defaultDecodeLimits): Model {
  if (bytes.byteLength > limits.maxBytes) {
    throw new OnnxFormatError(
      'ONNX_LIMIT',
      `${bytes.byteLength} bytes, at most ${limits.maxBytes}.`,
    );
  }
  try {
    return readModel(bytes, new DecodeBudget(limits));
  } catch (error) {
    if (error instanceof OnnxFormatError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof RangeError ? 'ONNX_TRUNCATED' : 'ONNX_MALFORMED';
    throw new OnnxFormatError(code, `Not an ONNX model: ${message}.`);
  }
}

function readModel(bytes: Uint8Array, budget: DecodeBudget): Model {
  const model = { irVersion: 0, producerName: '', producerVersion: '', functionCount: 0 };
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  let graph: Graph | undefined;
  readMessage(bytes, 0, budget, {
    1: (f) => (model.irVersion = f.smallInt()),
    2: (f) => (model.producerName = f.text()),
    3: (f) => (model.producerVersion = f.text()),
    7: (f) => (graph = readGraph(f.bytes(), f.depth + 1, budget)),
    8: (f) => readOpset(f, opsets),
    14: (f) => readEntry(f, metadata),
    25: (f) => {
      f.bytes();
      model.functionCount += 1;
    },
  });
  if (!graph) throw new OnnxFormatError('ONNX_MALFORMED', 'The file has no graph.');
  return { ...model, opsets, metadata, graph };
}

function readGraph(bytes: Uint8Array, depth: number, budget: DecodeBudget): Graph {
  let name = '';
  const nodes: Node[] = [];
  const initializers: Tensor[] = [];
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  readMessage(bytes, depth, budget, {
    1: (f) => nodes.push(readNode(f)),
    2: (f) => (name = f.text()),
    5: (f) => initializers.push(decodeTensor(f)),
    11: (f) => inputs.push(readValueInfo(f)),
    12: (f) => outputs.push(readValueInfo(f)),
  });
  return { name, nodes, initializers, inputs, outputs };
}

function readNode(field: Field): Node {
  field.budget.take('maxNodes');
  const node = { name: '', opType: '', domain: '' };
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Attribute[] = [];
  readMessage(field.bytes(), field.depth + 1, field.budget, {
    1: (f) => pushText(f, inputs),
    2: (f) => pushText(f, outputs),
    3: (f) => (node.name = f.text()),
    4: (f) => (node.opType = f.text()),
    5: (f) => attributes.push(readAttribute(f)),
    7: (f) => (node.domain = f.text()),
  });
  return { ...node, inputs, outputs, attributes };
}

function readAttribute(field: Field): Attribute {
  field.budget.take('maxItems');
  let name = '';
  let found: { kind: Attribute['kind']; value?: unknown } = { kind: 'other' };
  const ints: Int64[] = [];
  const floats: number[] = [];
  const strings: string[] = [];
  const graphs: Graph[] = [];
  readMessage(field.bytes(), field.depth + 1, field.budget, {
    1: (f) => (name = f.text()),
    2: (f) => (found = { kind: 'float', value: f.float() }),
    3: (f) => (found = { kind: 'int', value: f.int() }),
    4: (f) => (found = { kind: 'string', value: f.text() }),
    5: (f) => (found = { kind: 'tensor', value: decodeTensor(f) }),
    6: (f) => (found = { kind: 'graph', value: readGraph(f.bytes(), f.depth + 1, f.budget) }),
    7: (f) => f.floats(floats),
    8: (f) => f.ints(ints),
    9: (f) => pushText(f, strings),
    11: (f) => graphs.push(readGraph(f.bytes(), f.depth + 1, f.budget)),
    // The declared type decides where a list is empty or a scalar is left at its default.
    20: (f) => (found = typed(f.smallInt(), found, { ints, floats, strings, graphs })),
  });
  return { name, ...found } as Attribute;
}

interface Lists {
  readonly ints: Int64[];
  readonly floats: number[];
  readonly strings: string[];
  readonly graphs: Graph[];
}

function typed(type: number, found: { kind: Attribute['kind'] }, lists: Lists) {
  if (type === 6) return { kind: 'floats' as const, value: lists.floats };
  if (type === 7) return { kind: 'ints' as const, value: lists.ints };
  if (type === 8) return { kind: 'strings' as const, value: lists.strings };
  if (type === 10) return { kind: 'graphs' as const, value: lists.graphs };
  if (found.kind !== 'other') return found;
  if (type === 1) return { kind: 'float' as const, value: 0 };
  if (type === 2) return { kind: 'int' as const, value: 0 };
  if (type === 3) return { kind: 'string' as const, value: '' };
  return found;
}

function readValueInfo(field: Field): ValueInfo {
  field.budget.take('maxItems');
  const info: { name: string; dataType: number | null; shape: Dimension[] | null } = {
    name: '',
    dataType: null,
    shape: null,
  };
  readMessage(field.bytes(), field.depth + 1, field.budget, {
    1: (f) => (info.name = f.text()),
    2: (f) =>
      readMessage(f.bytes(), f.depth + 1, f.budget, {
        1: (type) =>
          readMessage(type.bytes(), type.depth + 1, type.budget, {
            1: (t) => (info.dataType = t.smallInt()),
            2: (t) => (info.shape = readShape(t)),
          }),
      }),
  });
  return info;
}

function readShape(field: Field): Dimension[] {
  const shape: Dimension[] = [];
  readMessage(field.bytes(), field.depth + 1, field.budget, {
    1: (f) => {
      f.budget.take('maxItems');
      let dim: Dimension = null;
      readMessage(f.bytes(), f.depth + 1, f.budget, {
        1: (d) => (dim = d.smallInt()),
        2: (d) => (dim = d.text()),
      });
      shape.push(dim);
    },
  });
  return shape;
}

function readOpset(field: Field, into: Map<string, number>): void {
  let domain = '';
  let version = 0;
  readMessage(field.bytes(), field.depth + 1, field.budget, {
    1: (f) => (domain = f.text()),
    2: (f) => (version = f.smallInt()),
  });
  into.set(domain, version);
}

function pushText(field: Field, into: string[]): void {
  field.budget.take('maxItems');
  into.push(field.text());
}
