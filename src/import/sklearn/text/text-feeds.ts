import { analyzerOf } from './analyze.ts';
import { murmurHash } from './murmur-hash.ts';
import type { TextStage } from './text-stage.ts';

/** What the graph reads instead of texts; both are [rows, width] in row-major order. */
export interface TextFeeds {
  readonly ids: BigInt64Array;
  readonly counts: Float64Array;
  readonly rows: number;
  readonly width: number;
}

type Counter = (text: string) => ReadonlyMap<number, number>;

/** Texts to the feeds of a stage. Build it once per model: it holds the vocabulary. */
export function textEncoder(stage: TextStage): (texts: readonly string[]) => TextFeeds {
  const count = counterOf(stage);
  return (texts) => {
    const rows = texts.map(count);
    // At least one place, since onnxruntime reduces over it.
    const width = rows.reduce((most, row) => Math.max(most, row.size), 1);
    const ids = new BigInt64Array(rows.length * width).fill(BigInt(stage.width));
    const counts = new Float64Array(rows.length * width);
    rows.forEach((row, at) => {
      let place = at * width;
      for (const [id, value] of row) {
        ids[place] = BigInt(id);
        counts[place] = stage.binary ? 1 : value;
        place += 1;
      }
    });
    return { ids, counts, rows: rows.length, width };
  };
}

function counterOf(stage: TextStage): Counter {
  const analyze = analyzerOf(stage.analyzer);
  const place = placeOf(stage);
  return (text) => {
    const counts = new Map<number, number>();
    for (const token of analyze(text)) {
      const found = place(token);
      if (found !== undefined) counts.set(found.id, (counts.get(found.id) ?? 0) + found.sign);
    }
    return counts;
  };
}

function placeOf(stage: TextStage): (token: string) => { id: number; sign: number } | undefined {
  const { index, width } = stage;
  if (index.kind === 'hash')
    return (token) => {
      const hash = murmurHash(token);
      // |INT32_MIN| does not fit: sklearn/feature_extraction/_hashing_fast.pyx takes it apart.
      const id = hash === -(2 ** 31) ? (2 ** 31 - 1 - (width - 1)) % width : Math.abs(hash) % width;
      return { id, sign: index.alternateSign && hash < 0 ? -1 : 1 };
    };
  const places = new Map(index.tokens.map((token, id) => [token, { id, sign: 1 }]));
  if (index.tokens.includes('')) places.delete('');
  return (token) => places.get(token);
}
