import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { decodeTensor } from './decode-tensor.ts';
import { DecodeBudget, defaultDecodeLimits, readMessage } from './message-reader.ts';
import type { Tensor } from './model.ts';
import { OnnxFormatError } from './onnx-format-error.ts';

/** Reads so many bytes at a place of the file; fewer at its end. */
export type ReadAt = (position: number, length: number) => Promise<Uint8Array>;

/** Field numbers of onnx.proto: ModelProto.graph, GraphProto.initializer. */
const GRAPH = 7;
const INITIALIZER = 5;
/** Bytes of a field's tag and number or length: two varints of at most ten bytes. */
const HEAD = 20;
/** Far more fields than a model has; bounds the walk through a damaged file. */
const MOST_FIELDS = 500_000;

/** Where a field lies: its tag, and its content. */
interface Span {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The last initialiser of the main graph without reading the rest of the file, which may have half a gigabyte. Only
 * that tensor is held in memory.
 * @param size of the file, in bytes
 * @param mostBytes the tensor may have
 * @throws OnnxFormatError when the file is no ONNX model, has no initialiser, or a larger one
 */
export async function lastInitializer(
  readAt: ReadAt,
  size: number,
  mostBytes: number,
): Promise<Tensor> {
  const graph = await lastField(readAt, { start: 0, end: size }, GRAPH);
  const span = graph && (await lastField(readAt, graph, INITIALIZER));
  if (!span) throw new OnnxFormatError('ONNX_MALFORMED', 'The file has no initialiser.');
  if (span.end - span.start > mostBytes) {
    throw new OnnxFormatError(
      'ONNX_LIMIT',
      `The last initialiser has ${span.end - span.start} bytes; at most ${mostBytes} are read.`,
    );
  }
  let tensor: Tensor | undefined;
  const bytes = await readAt(span.tag, span.end - span.tag);
  readMessage(bytes, 0, new DecodeBudget(defaultDecodeLimits), {
    [INITIALIZER]: (field) => (tensor = decodeTensor(field)),
  });
  if (!tensor) throw new OnnxFormatError('ONNX_TRUNCATED', 'The file ends inside of a tensor.');
  return tensor;
}

async function lastField(
  readAt: ReadAt,
  { start, end }: Pick<Span, 'start' | 'end'>,
  wanted: number,
): Promise<Span | undefined> {
  let found: Span | undefined;
  let count = 0;
  for (let tag = start; tag < end; count += 1) {
    if (count === MOST_FIELDS)
      throw new OnnxFormatError('ONNX_LIMIT', `More than ${MOST_FIELDS} fields in one message.`);
    const head = await readAt(tag, Math.min(HEAD, end - tag));
    const { field, isMessage, from, to } = fieldAt(head);
    if (tag + to > end)
      throw new OnnxFormatError('ONNX_TRUNCATED', 'A field reaches beyond its message.');
    if (field === wanted && isMessage) found = { tag, start: tag + from, end: tag + to };
    tag += to;
  }
  return found;
}

/** What the first bytes of a field tell: its number, and from where to where its content goes. */
function fieldAt(head: Uint8Array): {
  field: number;
  isMessage: boolean;
  from: number;
  to: number;
} {
  try {
    const reader = new BinaryReader(head);
    const [field, wire] = reader.tag();
    const isMessage = wire === WireType.LengthDelimited;
    const length = isMessage ? reader.uint32() : 0;
    const from = reader.pos;
    if (!isMessage) reader.skip(wire, field, 8);
    return { field, isMessage, from, to: isMessage ? from + length : reader.pos };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new OnnxFormatError('ONNX_MALFORMED', `Not an ONNX model: ${message}.`);
  }
}
