/**
 * What must happen to a column of texts before the graph: tokens, their place in the vocabulary, and
 * how often each occurs. JSON-safe; `textFeeds` carries it out. The graph then reads only numbers:
 * onnxruntime has neither Python's lower-casing nor its regular expressions.
 */
export interface TextStage {
  /** The column of texts. */
  readonly input: string;
  /** The graph's inputs: int64 [N, T] and float64 [N, T]; unused places hold id `width` and count 0. */
  readonly ids: string;
  readonly counts: string;
  /** Columns of the vectorizer. */
  readonly width: number;
  readonly analyzer: TextAnalyzer;
  readonly index: TokenIndex;
  /** Every token counts once. */
  readonly binary: boolean;
}

export interface TextAnalyzer {
  readonly kind: 'word' | 'char' | 'char_wb';
  readonly lowercase: boolean;
  readonly stripAccents: 'ascii' | 'unicode' | null;
  /** A JavaScript regular expression, flags `gu`; its first group, if any, is the token. */
  readonly pattern: string;
  /** The `token_pattern` that `pattern` was made of; empty where characters are counted. */
  readonly pythonPattern: string;
  readonly stopWords: readonly string[];
  readonly ngrams: readonly [number, number];
}

export type TokenIndex =
  /** The column of a token is its place in the list; '' stands where a column has none. */
  | { readonly kind: 'vocabulary'; readonly tokens: readonly string[] }
  /** murmurhash3 of the UTF-8 bytes, seed 0, modulo the width. */
  | { readonly kind: 'hash'; readonly alternateSign: boolean };
