import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
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

/** `AttributeProto.AttributeType`. */
const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  graphs: 10,
} as const;

/** A model as the bytes of an `.onnx` file. The same model always gives the same bytes. */
export function encodeModel(model: Model): Uint8Array {
  const w = new BinaryWriter();
  int(w, 1, model.irVersion);
  text(w, 2, model.producerName);
  text(w, 3, model.producerVersion);
  message(w, 7, () => writeGraph(w, model.graph));
  for (const [domain, version] of model.opsets) {
    message(w, 8, () => {
      text(w, 1, domain);
      int(w, 2, version);
    });
  }
  for (const entry of model.metadata) message(w, 14, () => writeEntry(w, entry));
  return w.finish();
}

function writeGraph(w: BinaryWriter, graph: Graph): void {
  for (const node of graph.nodes) message(w, 1, () => writeNode(w, node));
  text(w, 2, graph.name);
  for (const tensor of graph.initializers) message(w, 5, () => writeTensor(w, tensor));
  for (const info of graph.inputs) message(w, 11, () => writeValueInfo(w, info));
  for (const info of graph.outputs) message(w, 12, () => writeValueInfo(w, info));
}

function writeNode(w: BinaryWriter, node: Node): void {
  // An empty name is meaningful here (an optional input left out), so `text`, which skips it, won't do.
  for (const name of node.inputs) w.tag(1, WireType.LengthDelimited).string(name);
  for (const name of node.outputs) w.tag(2, WireType.LengthDelimited).string(name);
  text(w, 3, node.name);
  text(w, 4, node.opType);
  for (const attribute of node.attributes) message(w, 5, () => writeAttribute(w, attribute));
  text(w, 7, node.domain);
}

function writeAttribute(w: BinaryWriter, a: Attribute): void {
  if (a.kind === 'other')
    throw new TypeError(`Attribute ${a.name} was not read and cannot be written.`);
  text(w, 1, a.name);
  switch (a.kind) {
    case 'float':
      w.tag(2, WireType.Bit32).float(a.value);
      break;
    case 'int':
      int(w, 3, a.value);
      break;
    case 'string':
      w.tag(4, WireType.LengthDelimited).string(a.value);
      break;
    case 'tensor':
      message(w, 5, () => writeTensor(w, a.value));
      break;
    case 'graph':
      message(w, 6, () => writeGraph(w, a.value));
      break;
    case 'floats':
      for (const value of a.value) w.tag(7, WireType.Bit32).float(value);
      break;
    case 'ints':
      for (const value of a.value) int(w, 8, value);
      break;
    case 'strings':
      for (const value of a.value) w.tag(9, WireType.LengthDelimited).string(value);
      break;
    case 'graphs':
      for (const graph of a.value) message(w, 11, () => writeGraph(w, graph));
      break;
  }
  int(w, 20, attributeTypes[a.kind]);
}

function writeTensor(w: BinaryWriter, tensor: Tensor): void {
  for (const dim of tensor.dims) int(w, 1, dim);
  int(w, 2, tensor.dataType);
  for (const value of tensor.strings ?? []) w.tag(6, WireType.LengthDelimited).bytes(value);
  text(w, 8, tensor.name);
  if (tensor.raw) w.tag(9, WireType.LengthDelimited).bytes(tensor.raw);
  for (const entry of tensor.externalData ?? []) message(w, 13, () => writeEntry(w, entry));
  if (tensor.externalData) int(w, 14, 1);
}

function writeValueInfo(w: BinaryWriter, info: ValueInfo): void {
  const { dataType, shape } = info;
  text(w, 1, info.name);
  if (dataType === null) return;
  message(w, 2, () =>
    message(w, 1, () => {
      int(w, 1, dataType);
      if (shape) message(w, 2, () => writeShape(w, shape));
    }),
  );
}

function writeShape(w: BinaryWriter, shape: readonly Dimension[]): void {
  for (const dim of shape) {
    message(w, 1, () => {
      if (typeof dim === 'number') int(w, 1, dim);
      else if (dim !== null) text(w, 2, dim);
    });
  }
}

function writeEntry(w: BinaryWriter, [key, value]: readonly [string, string]): void {
  text(w, 1, key);
  text(w, 2, value);
}

function message(w: BinaryWriter, field: number, write: () => void): void {
  w.tag(field, WireType.LengthDelimited).fork();
  write();
  w.join();
}

function int(w: BinaryWriter, field: number, value: Int64): void {
  // The same bytes either way; a tree ensemble has millions of small ones, and a bigint each is slow.
  if (typeof value === 'number' && value === (value | 0))
    w.tag(field, WireType.Varint).int32(value);
  else w.tag(field, WireType.Varint).int64(typeof value === 'bigint' ? value : BigInt(value));
}

function text(w: BinaryWriter, field: number, value: string): void {
  if (value !== '') w.tag(field, WireType.LengthDelimited).string(value);
}
