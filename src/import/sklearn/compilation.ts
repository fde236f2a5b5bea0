import { Emitter } from './graph/emitter.ts';
import type { Name } from './graph/emitter.ts';
import type { Column, Dense, Prediction, Source, Sparse, Value } from './graph/values.ts';
import { densify } from './graph/densify.ts';
import type { InputColumns } from './input-columns.ts';
import type { Fitted } from './fitted/fitted.ts';
import { Refusal } from './refusal.ts';
import type { Problem } from './refusal.ts';
import { isOutputName } from './output-names.ts';
import type { TextStage } from './text/text-stage.ts';

/** What an estimator's file gives to the table of `estimators/index.ts`. */
export interface Compiler {
  readonly predict?: (c: Compilation, estimator: Fitted, x: Dense, raw: Value) => Prediction;
  readonly transform?: (c: Compilation, estimator: Fitted, x: Dense, raw: Value) => Value;
  /** Reads the value as it comes (strings, sparse rows); `x` must not be touched. */
  readonly readsAny?: true;
  /** Takes sparse rows as they are: then `raw` is sparse and `x` must not be touched. */
  readonly readsSparse?: true;
  /** The input's columns, where they are not among the usual attributes. */
  readonly input?: (estimator: Fitted) => InputColumns;
  /** NaN: taken as a value, or handed on to the next step. Otherwise scikit-learn raises. */
  readonly missing?: 'accepts' | 'passes' | ((estimator: Fitted) => boolean);
}

/** Thrown where a table's column must be a string, while all of X was taken as one float64 tensor. */
export class NeedsColumns extends Error {}

/** One run of the compiler over one tree of estimators. */
export class Compilation {
  readonly e = new Emitter();
  readonly problems: Problem[] = [];
  readonly warnings = new Set<string>();
  readonly textStages: TextStage[] = [];
  /** Tensors that hold chosen columns of another one, with their indexes. */
  readonly #choices = new Map<Name, readonly number[]>();
  readonly #table: (estimator: Fitted) => Compiler;

  constructor(table: (estimator: Fitted) => Compiler) {
    this.#table = table;
  }

  predict(estimator: Fitted, x: Value): Prediction {
    const compiler = this.#table(estimator);
    if (!compiler.predict) throw estimator.refusal('it has no predict', 'use it as a transformer');
    return compiler.predict(this, estimator, ...this.#inputs(compiler, estimator, x));
  }

  transform(estimator: Fitted, x: Value): Value {
    const compiler = this.#table(estimator);
    if (!compiler.transform) throw estimator.refusal('its transform cannot be reproduced yet');
    const [dense, raw] = this.#inputs(compiler, estimator, x);
    const value = compiler.transform(this, estimator, dense, raw);
    if (compiler.missing !== 'passes' || value.kind !== 'dense') return value;
    const sources = dense.sources ?? (x.kind === 'dense' ? x.sources : undefined);
    return sources ? { ...value, sources } : value;
  }

  compiler(estimator: Fitted): Compiler {
    return this.#table(estimator);
  }

  /** Compiles parts side by side, so that the problems of all of them are told at once. */
  each<T, R>(items: readonly T[], compile: (item: T, index: number) => R): R[] {
    const before = this.problems.length;
    const done = items.flatMap((item, index) => {
      try {
        return [compile(item, index)];
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.problems.push(...error.problems);
        return [];
      }
    });
    if (this.problems.length > before) throw new Refusal(this.problems.splice(before));
    return done;
  }

  #inputs(compiler: Compiler, estimator: Fitted, x: Value): [Dense, Value] {
    if (compiler.readsAny) return [untouched, x];
    if (compiler.readsSparse && x.kind === 'sparse') {
      estimator.expectWidth(x.width);
      return [untouched, x];
    }
    const dense = this.dense(x, estimator);
    const takesNaN =
      typeof compiler.missing === 'function'
        ? compiler.missing(estimator)
        : compiler.missing !== undefined;
    if (!takesNaN) this.refuseMissing(dense.sources);
    estimator.expectWidth(dense.width);
    return [dense, x];
  }

  refuseMissing(sources: readonly Source[] | undefined): void {
    for (const source of sources ?? []) source.allowsMissing = false;
  }

  /** Any value as a matrix of float64. */
  dense(x: Value, reader: Fitted): Dense {
    if (x.kind === 'dense') return x;
    if (x.kind === 'sparse') return densify(this.e, x);
    const parts = x.columns.map((column) => this.number(column, reader));
    const sources = x.columns.flatMap(sourcesOf);
    const name = parts.length === 0 ? '' : this.e.concat(parts);
    return { kind: 'dense', name, width: parts.length, sources };
  }

  /** Any value as columns. */
  columns(x: Value): readonly Column[] {
    if (x.kind === 'columns') return x.columns;
    const { name, width, sources } = x.kind === 'dense' ? x : densify(this.e, x);
    return Array.from({ length: width }, (_, i) => ({
      kind: 'numbers',
      name: width === 1 ? name : this.e.column(name, i),
      ...(sources && { sources }),
    }));
  }

  /** Some columns of any value, in the order of `indexes`. */
  pick(x: Value, indexes: readonly number[]): Value {
    if (x.kind === 'columns')
      return { kind: 'columns', columns: indexes.flatMap((i) => x.columns[i] ?? []) };
    const { name, sources, width } = x.kind === 'dense' ? x : densify(this.e, x);
    const whole = indexes.length === width && indexes.every((at, i) => at === i);
    const picked = whole ? name : this.e.columns(name, indexes);
    return { kind: 'dense', name: picked, width: indexes.length, ...(sources && { sources }) };
  }

  /** `pick` for one of several readers: scikit-learn never looks at columns that none of them reads. */
  choose(x: Value, indexes: readonly number[]): Value {
    const chosen = this.pick(x, indexes);
    if (chosen.kind === 'dense' && x.kind === 'dense' && chosen.name !== x.name)
      this.#choices.set(chosen.name, indexes);
    return chosen;
  }

  /**
   * Takes the columns of an input [N, width] out of the graph that `choose` never took; nothing is
   * taken out where a step reads the matrix as a whole. Returns their indexes.
   */
  dropUnread({ name, width }: Dense): number[] {
    const readers = this.e.builder.readersOf(name);
    const choices = readers.map(({ outputs }) => this.#choices.get(outputs[0] ?? ''));
    const read = new Set<number>();
    for (const chosen of choices) {
      if (!chosen) return [];
      for (const index of chosen) read.add(index);
    }
    const all = Array.from({ length: width }, (_, i) => i);
    const kept = all.filter((i) => read.has(i));
    if (kept.length === width) return [];
    const places = new Map(kept.map((index, place) => [index, place]));
    this.e.builder.reshapeInput(name, ['N', kept.length]);
    for (const [i, node] of readers.entries()) {
      const moved = (choices[i] ?? []).map((index) => places.get(index) ?? 0);
      node.inputs = [name, this.e.i64(moved)];
    }
    return all.filter((i) => !read.has(i));
  }

  /** Parts side by side, as one matrix. */
  join(parts: readonly Value[], reader: Fitted): Dense {
    const dense = parts.map((part) => this.dense(part, reader)).filter((part) => part.width > 0);
    const sources = dense.flatMap((part) => part.sources ?? []);
    const width = dense.reduce((sum, part) => sum + part.width, 0);
    return { kind: 'dense', name: this.e.concat(dense.map((part) => part.name)), width, sources };
  }

  /** A column as float64 [N, 1]. */
  number(column: Column, reader: Fitted): Name {
    if (column.kind === 'numbers') return column.name;
    if (column.kind === 'strings')
      throw reader.refusal('it gets words where it needs numbers', 'encode that column first');
    return this.#declare(column.source, 'float64', reader);
  }

  /** A column as string [N, 1], with `missingString` for what is missing. */
  string(column: Column, reader: Fitted): Name {
    if (column.kind === 'strings') return column.name;
    if (column.kind === 'numbers') throw new NeedsColumns();
    return this.#declare(column.source, 'string', reader);
  }

  #declare(source: Source, type: 'float64' | 'string' | 'text', reader: Fitted): Name {
    if (source.type !== undefined && source.type !== type)
      throw reader.refusal(
        `it reads the column ${JSON.stringify(source.name)} as ${type}, and another step as ${source.type}`,
        'give each step its own column',
      );
    source.type = type;
    if (type === 'text') return '';
    source.tensor ??= this.e.input(inputName(source.name), type, ['N', 1]);
    return source.tensor;
  }

  /** Registers the tokens and counts of a column of texts, which are made outside of the graph. */
  text(column: Column, reader: Fitted, stage: Omit<TextStage, 'input' | 'ids' | 'counts'>): Sparse {
    if (column.kind === 'numbers') throw new NeedsColumns();
    if (column.kind === 'strings')
      throw reader.refusal('its text comes from another step', 'vectorize the input column itself');
    this.#declare(column.source, 'text', reader);
    const base = `${inputName(column.source.name)}${this.textStages.length > 0 ? `:${this.textStages.length}` : ''}`;
    const ids = this.e.input(`${base}:ids`, 'int64', ['N', 'T']);
    const counts = this.e.input(`${base}:counts`, 'float64', ['N', 'T']);
    this.textStages.push({ ...stage, input: column.source.name, ids, counts });
    return { kind: 'sparse', ids, values: counts, width: stage.width };
  }
}

const untouched: Dense = { kind: 'dense', name: '', width: 0 };

/** No graph input may bear the name of an output. */
function inputName(name: string): string {
  return isOutputName(name) ? `x:${name}` : name;
}

function sourcesOf(column: Column): readonly Source[] {
  if (column.kind === 'source') return [column.source];
  return column.kind === 'numbers' ? (column.sources ?? []) : [];
}
