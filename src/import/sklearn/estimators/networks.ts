import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { byProbabilities, overThreshold, pair, softmax } from '../graph/classify.ts';
import type { Name } from '../graph/emitter.ts';
import type { Dense } from '../graph/values.ts';

const activations: Readonly<Record<string, string>> = {
  relu: 'Relu',
  tanh: 'Tanh',
  logistic: 'Sigmoid',
  identity: '',
};

/** The layers before the output activation (`sklearn/neural_network/_multilayer_perceptron.py`). */
function forward(c: Compilation, model: Fitted, x: Dense): { name: Name; width: number } {
  const weights = model.matrices('coefs_');
  const biases = model.vectors('intercepts_', weights.length);
  const activation = activations[model.text('activation', 'relu')];
  if (activation === undefined) throw model.refusal('its activation is unknown');
  return weights.reduce(
    (input: { name: Name; width: number }, layer, i) => {
      const bias = biases[i] ?? new Float64Array();
      if (layer.rows !== input.width || bias.length !== layer.columns)
        throw model.refusal(
          `coefs_[${i}] is ${layer.rows}×${layer.columns} after ${input.width} units`,
        );
      const product = c.e.matmul(input.name, c.e.f64([layer.rows, layer.columns], layer.data));
      const sum = c.e.add(product, c.e.row(bias));
      const last = i === weights.length - 1;
      const name = last || activation === '' ? sum : c.e.op(activation, [sum]);
      return { name, width: layer.columns };
    },
    { name: x.name, width: x.width },
  );
}

export const perceptronRegressor: Compiler = {
  predict(c, model, x) {
    const { name, width } = forward(c, model, x);
    const out = model.text('out_activation_', 'identity');
    if (out === 'exp') return { kind: 'regressor', name: c.e.op('Exp', [name]), width };
    if (out !== 'identity') throw model.refusal(`the output activation ${out} is unknown`);
    return { kind: 'regressor', name, width };
  },
};

export const perceptronClassifier: Compiler = {
  predict(c, model, x) {
    const { e } = c;
    const classes = model.classes();
    const { name, width } = forward(c, model, x);
    if (model.text('out_activation_') === 'softmax')
      return byProbabilities(e, classes, softmax(e, name));
    if (width !== 1)
      throw model.refusal('several labels per row are not proven', 'use one model per label');
    const p = e.op('Sigmoid', [name]);
    const index = overThreshold(e, p, 0.5);
    return { kind: 'classifier', classes, index, probabilities: pair(e, p) };
  },
};
