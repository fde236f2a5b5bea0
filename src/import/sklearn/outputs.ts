import { dataTypes } from '../../onnx/model.ts';
import type { ValueInfo } from '../../onnx/model.ts';
import type { Compilation } from './compilation.ts';
import type { Name } from './graph/emitter.ts';
import type { Fitted } from './fitted/fitted.ts';
import type { Classes, Classifier, Prediction, Value } from './graph/values.ts';
import type { Coupling, SignatureOutput } from './signature.ts';

/** The outputs of a graph and where in it they come from. */
export class Outputs {
  readonly list: SignatureOutput[] = [];
  readonly sources: Name[] = [];
  readonly #c: Compilation;

  readonly #coupleOutside: boolean;
  /** Set where `probabilities` are to be made of `pairwise`. */
  coupling: Coupling | undefined;

  constructor(c: Compilation, coupleOutside: boolean) {
    this.#c = c;
    this.#coupleOutside = coupleOutside;
  }

  add(
    name: string,
    dtype: SignatureOutput['dtype'],
    shape: readonly (number | string)[],
    source: Name,
  ): void {
    this.list.push({ name, dtype, shape });
    // A copy, so that the output's name is given to a tensor that nothing else reads.
    this.sources.push(this.#c.e.op('Identity', [source]));
  }

  get infos(): ValueInfo[] {
    return this.list.map(({ name, dtype, shape }) => ({ name, dataType: dataTypes[dtype], shape }));
  }

  /** A matrix of numbers, or of words where every column is one. */
  addTransformed(value: Value, last: Fitted): void {
    if (value.kind === 'columns' && value.columns.every((column) => column.kind === 'strings')) {
      const names = value.columns.map((column) => this.#c.string(column, last));
      this.add('transformed', 'string', ['N', names.length], this.#c.e.concat(names));
      return;
    }
    const dense = this.#c.dense(value, last);
    this.add('transformed', 'float64', ['N', dense.width], dense.name);
  }

  addPrediction(found: Prediction): void {
    const { e } = this.#c;
    switch (found.kind) {
      case 'regressor':
        if (found.width === 1) this.add('prediction', 'float64', ['N'], e.vector(found.name));
        else this.add('prediction', 'float64', ['N', found.width], found.name);
        break;
      case 'classifier':
        this.#addClassifier(found, '');
        break;
      case 'multi-classifier':
        found.outputs.forEach((output, i) => this.#addClassifier(output, `_${i}`));
        break;
      case 'clusterer':
      case 'outlier-detector':
        this.add('label', 'int64', ['N'], found.label);
        if (found.probabilities !== undefined)
          this.add('probabilities', 'float64', ['N', found.scoreWidth ?? 1], found.probabilities);
        if (found.scores !== undefined)
          this.add('scores', 'float64', ['N'], e.vector(found.scores));
    }
  }

  #addClassifier(found: Classifier, suffix: string): void {
    const { e } = this.#c;
    const { classes, index, probabilities, scores, scoreWidth, pairwise } = found;
    const k = classes.values.length;
    const label = e.op('Gather', [this.#labels(classes), index], { axis: 0 });
    this.add(`label${suffix}`, classes.type, ['N'], label);
    if (pairwise !== undefined && this.#coupleOutside && suffix === '') {
      this.add('pairwise', 'float64', ['N', (k * (k - 1)) / 2], pairwise);
      this.coupling = { from: 'pairwise', to: 'probabilities', classes: k };
    } else if (probabilities !== undefined)
      this.add(`probabilities${suffix}`, 'float64', ['N', k], probabilities);
    if (scores === undefined) return;
    if (scoreWidth === 1) this.add(`scores${suffix}`, 'float64', ['N'], e.vector(scores));
    else this.add(`scores${suffix}`, 'float64', ['N', scoreWidth ?? k], scores);
  }

  #labels({ type, values }: Classes): Name {
    const { e } = this.#c;
    const numbers = values.map(Number);
    if (type === 'string') return e.strings([values.length], values.map(String));
    if (type === 'bool') return e.bools([values.length], numbers.map(Boolean));
    return type === 'int64' ? e.i64(numbers) : e.f64([values.length], numbers);
  }
}
