/** What one import may cost. All of them are checked before the memory or time is spent. */
export interface TfjsLimits {
  readonly jsonBytes: number;
  /** Nesting of the JSON; a real graph model needs 9. */
  readonly jsonDepth: number;
  /** Objects, arrays and scalars in the JSON. */
  readonly jsonValues: number;
  readonly nodes: number;
  /** Bytes of all weights once decoded to float32 or int32. */
  readonly weightBytes: number;
  readonly rank: number;
  /** Elements of any tensor in the graph whose shape is known. */
  readonly elements: number;
  /** Elements that one folded operation may produce. */
  readonly foldedElements: number;
  /** Elements that all folded operations may produce together. */
  readonly foldedTotal: number;
  /** Iterations of all loops with a constant course that are written out. */
  readonly loopIterations: number;
  /** ONNX nodes emitted. */
  readonly emittedNodes: number;
}

export const defaultLimits: TfjsLimits = {
  jsonBytes: 64 * 2 ** 20,
  jsonDepth: 64,
  jsonValues: 4_000_000,
  nodes: 50_000,
  weightBytes: 2 ** 31 - 2 ** 20,
  rank: 8,
  elements: 2 ** 31 - 1,
  foldedElements: 64 * 2 ** 20,
  foldedTotal: 512 * 2 ** 20,
  loopIterations: 64,
  emittedNodes: 200_000,
};
