import { PyDict, PyObject, unwrap } from '../records.ts';
import type { Compilation, Compiler } from '../compilation.ts';
import { NeedsColumns } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { numberOf } from '../fitted/fitted.ts';
import type { Name } from '../graph/emitter.ts';
import type { Dense, Sparse, Value } from '../graph/values.ts';
import { englishStopWords } from '../text/english-stop-words.ts';
import { javascriptPattern } from '../text/python-pattern.ts';
import type { TextAnalyzer, TokenIndex } from '../text/text-stage.ts';

/** The text preparation of a vectorizer; functions of the user's own cannot be reproduced. */
function analyzerOf(model: Fitted): TextAnalyzer {
  for (const name of ['tokenizer', 'preprocessor'])
    if (model.has(name))
      throw model.refusal(
        `its ${name} is a function, and functions are not run`,
        'express it as a token_pattern',
      );
  if (model.text('input', 'content') !== 'content')
    throw model.refusal('it reads files', 'use input="content"');
  const kind = model.text('analyzer', 'word');
  if (kind !== 'word' && kind !== 'char' && kind !== 'char_wb')
    throw model.refusal(`the analyzer ${kind} is unknown`);
  const accents = model.has('strip_accents') ? model.text('strip_accents') : null;
  if (accents !== null && accents !== 'ascii' && accents !== 'unicode')
    throw model.refusal(`strip_accents is ${accents}`);
  const python = model.text('token_pattern', '(?u)\\b\\w\\w+\\b');
  const pattern = kind === 'word' ? javascriptPattern(python) : '';
  if (pattern === undefined)
    throw model.refusal(
      `its token_pattern ${JSON.stringify(python)} cannot be reproduced safely`,
      'use a simpler pattern',
    );
  const [from = 1, to = 1] = model.vector('ngram_range', 2);
  if (!(from >= 1 && to >= from && to <= 50))
    throw model.refusal(`its ngram_range is (${from}, ${to})`);
  const lowercase = model.flag('lowercase', true);
  return {
    kind,
    lowercase,
    stripAccents: accents,
    pattern,
    pythonPattern: kind === 'word' ? python : '',
    stopWords: stopWords(model),
    ngrams: [from, to],
  };
}

function stopWords(model: Fitted): readonly string[] {
  if (!model.has('stop_words')) return [];
  const words = unwrap(model.raw('stop_words'));
  if (words === 'english') return englishStopWords;
  if (typeof words === 'string') throw model.refusal(`its stop_words are ${words}`);
  return model.strings('stop_words');
}

/** Tokens by column; every column at most once. */
function vocabulary(model: Fitted): string[] {
  const found = model.raw('vocabulary_');
  if (!(found instanceof PyDict)) throw model.refusal('vocabulary_ is not a dict');
  const tokens = Array.from({ length: found.size }, () => '');
  const seen = new Set<number>();
  for (const [token, value] of found.entries()) {
    const column = numberOf(value) ?? -1;
    if (
      typeof token !== 'string' ||
      !Number.isInteger(column) ||
      column < 0 ||
      column >= tokens.length ||
      seen.has(column)
    )
      throw model.refusal('vocabulary_ does not give every token a column of its own');
    seen.add(column);
    tokens[column] = token;
  }
  if (tokens.length === 0) throw model.refusal('its vocabulary is empty');
  return tokens;
}

function counted(
  c: Compilation,
  model: Fitted,
  raw: Value,
  width: number,
  index: TokenIndex,
): Sparse {
  if (raw.kind !== 'columns') throw new NeedsColumns();
  const [column] = raw.columns;
  if (!column || raw.columns.length !== 1)
    throw model.refusal(
      `it reads one column of texts and gets ${raw.columns.length}`,
      'name its column as a string, not a list',
    );
  return c.text(column, model, {
    width,
    analyzer: analyzerOf(model),
    index,
    binary: model.flag('binary'),
  });
}

function counts(c: Compilation, model: Fitted, raw: Value): Sparse {
  const tokens = vocabulary(model);
  return counted(c, model, raw, tokens.length, { kind: 'vocabulary', tokens });
}

export const countVectorizer: Compiler = {
  readsAny: true,
  transform: (c, model, _x, raw) => counts(c, model, raw),
};

export const tfidfVectorizer: Compiler = {
  readsAny: true,
  transform: (c, model, _x, raw) => weighted(c, model.child('_tfidf'), counts(c, model, raw)),
};

export const tfidfTransformer: Compiler = {
  readsSparse: true,
  transform: (c, model, x, raw) => weighted(c, model, raw.kind === 'sparse' ? raw : x),
};

export const hashingVectorizer: Compiler = {
  readsAny: true,
  transform(c, model, _x, raw) {
    const width = model.number('n_features', 2 ** 20);
    if (!Number.isInteger(width) || width < 1) throw model.refusal(`n_features is ${width}`);
    const alternateSign = model.flag('alternate_sign', true);
    const found = counted(c, model, raw, width, { kind: 'hash', alternateSign });
    return { ...found, values: scaledRows(c, model, found.values) };
  },
};

/** tf → 1 + ln tf, times idf, rows to unit length (`TfidfTransformer.transform`). */
function weighted(c: Compilation, model: Fitted, x: Dense | Sparse): Dense | Sparse {
  const { e } = c;
  let values = x.kind === 'dense' ? x.name : x.values;
  if (model.flag('sublinear_tf')) {
    const absent = e.op('Equal', [values, e.scalar(0)]);
    values = e.where(absent, values, e.add(e.op('Log', [values]), e.scalar(1)));
  }
  if (model.flag('use_idf', true)) {
    const idf = inverseFrequencies(model, x.width);
    // One more entry, for the padding of sparse rows.
    const weights =
      x.kind === 'dense'
        ? e.row(idf)
        : e.op('Gather', [e.f64([x.width + 1], [...idf, 1]), x.ids], { axis: 0 });
    values = e.mul(values, weights);
  }
  const scaled = scaledRows(c, model, values);
  return x.kind === 'dense' ? { ...x, name: scaled } : { ...x, values: scaled };
}

/** `idf_` since 1.5; the diagonal of a sparse matrix before. */
function inverseFrequencies(model: Fitted, width: number): Float64Array {
  if (model.has('idf_')) return model.vector('idf_', width);
  const diagonal = model.raw('_idf_diag');
  if (!(diagonal instanceof PyObject)) throw model.refusal('_idf_diag is not a sparse matrix');
  return model.fitted(diagonal, '_idf_diag').vector('data', width);
}

function scaledRows({ e }: Compilation, model: Fitted, values: Name): Name {
  if (!model.has('norm')) return values;
  const norm = model.text('norm');
  if (norm !== 'l1' && norm !== 'l2') throw model.refusal(`the norm ${norm} is unknown`);
  const length = e.op(norm === 'l1' ? 'ReduceL1' : 'ReduceL2', [values, e.i64([1])], {
    keepdims: 1,
  });
  return e.div(values, e.where(e.op('Equal', [length, e.scalar(0)]), e.scalar(1), length));
}
