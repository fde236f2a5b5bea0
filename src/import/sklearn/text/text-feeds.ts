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

/** Columns of a text in the order in which they first occur, and how often each does. */
interface Counted {
  readonly ids: readonly number[];
  readonly counts: readonly number[];
}

type Counter = (text: string) => Counted;

/** Texts to the feeds of a stage. Build it once per model: it holds the vocabulary. */
export function textEncoder(stage: TextStage): (texts: readonly string[]) => TextFeeds {
  const count = counterOf(stage);
  return (texts) => {
    const rows = texts.map(count);
    // At least one place, since onnxruntime reduces over it.
    const width = rows.reduce((most, row) => Math.max(most, row.ids.length), 1);
    const ids = new BigInt64Array(rows.length * width);
    // The low halves, as every platform of onnxruntime has them first: no BigInt for each.
    const halves = new Uint32Array(ids.buffer);
    const counts = new Float64Array(rows.length * width);
    rows.forEach((row, at) => {
      for (let i = 0; i < width; i += 1) {
        const id = row.ids[i] ?? stage.width;
        const place = at * width + i;
        halves[2 * place] = id;
        counts[place] = stage.binary && i < row.ids.length ? 1 : (row.counts[i] ?? 0);
      }
    });
    return { ids, counts, rows: rows.length, width };
  };
}

function counterOf(stage: TextStage): Counter {
  const analyze = analyzerOf(stage.analyzer);
  const placesOfText = stage.index.kind === 'hash' ? hashedPlaces(stage) : knownPlaces(stage);
  let texts = 0;
  return (text) => {
    texts += 1;
    const find = placesOfText();
    const [ids, counts]: [number[], number[]] = [[], []];
    for (const token of analyze(text)) {
      const place = find(token);
      if (place === undefined) continue;
      if (place.text !== texts) {
        place.text = texts;
        place.at = ids.push(place.id) - 1;
        counts.push(0);
      }
      counts[place.at] = (counts[place.at] ?? 0) + place.sign;
    }
    return { ids, counts };
  };
}

/** A column, with the last text that has it, and where among that text's columns. */
interface Place {
  readonly id: number;
  /** What the token at hand adds. */
  sign: number;
  text: number;
  at: number;
}

type Find = (token: string) => Place | undefined;

const placeOf = (id: number): Place => ({ id, sign: 1, text: 0, at: 0 });

function knownPlaces({ index }: TextStage): () => Find {
  const tokens = index.kind === 'vocabulary' ? index.tokens : [];
  const places = new Map(tokens.map((token, id) => [token, placeOf(id)]));
  // Stands where a column has no token.
  places.delete('');
  const find: Find = (token) => places.get(token);
  return () => find;
}

function hashedPlaces({ index, width }: TextStage): () => Find {
  const alternates = index.kind === 'hash' && index.alternateSign;
  return () => {
    const places = new Map<number, Place>();
    return (token) => {
      const hash = murmurHash(token);
      // |INT32_MIN| does not fit: sklearn/feature_extraction/_hashing_fast.pyx takes it apart.
      const id = hash === -(2 ** 31) ? (2 ** 31 - 1 - (width - 1)) % width : Math.abs(hash) % width;
      const place = places.get(id) ?? placeOf(id);
      places.set(id, place);
      place.sign = alternates && hash < 0 ? -1 : 1;
      return place;
    };
  };
}
