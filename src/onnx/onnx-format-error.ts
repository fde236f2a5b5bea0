/**
 * Why bytes are not an ONNX model that this code reads.
 * - `ONNX_TRUNCATED`: a length points beyond its message.
 * - `ONNX_MALFORMED`: not the wire format of protocol buffers, or a field of the wrong wire type.
 * - `ONNX_LIMIT`: more bytes, depth, nodes, tensors or text than the caller allows.
 */
export type OnnxFormatCode = 'ONNX_TRUNCATED' | 'ONNX_MALFORMED' | 'ONNX_LIMIT';

export class OnnxFormatError extends Error {
  readonly code: OnnxFormatCode;

  constructor(code: OnnxFormatCode, message: string) {
    super(message);
    this.name = 'OnnxFormatError';
    this.code = code;
  }
}
