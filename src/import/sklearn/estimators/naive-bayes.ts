import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { softmax } from '../graph/classify.ts';
import { project } from '../graph/densify.ts';
import type { Name } from '../graph/emitter.ts';
import type { Classes, Classifier, Dense, Value } from '../graph/values.ts';
import { transposed } from './linear.ts';

/** Joint log likelihoods to probabilities and label; formulas of `sklearn/naive_bayes.py`. */
function byLikelihood(c: Compilation, classes: Classes, likelihoods: Name): Classifier {
  const index = c.e.argmax(likelihoods);
  return { kind: 'classifier', classes, index, probabilities: softmax(c.e, likelihoods) };
}

function logs(model: Fitted, x: Dense, raw: Value) {
  const input = raw.kind === 'sparse' ? raw : x;
  const classes = model.classes();
  return {
    input,
    classes,
    found: model.matrix('feature_log_prob_', classes.values.length, input.width),
  };
}

export const gaussianNaiveBayes: Compiler = {
  predict(c, model, x) {
    const { e } = c;
    const classes = model.classes();
    const k = classes.values.length;
    const means = model.matrix('theta_', k, x.width).data;
    const variances = model.matrix(model.has('var_') ? 'var_' : 'sigma_', k, x.width).data;
    const priors = model.vector('class_prior_', k);
    const constants = priors.map((prior, i) => {
      const own = variances.subarray(i * x.width, (i + 1) * x.width);
      return Math.log(prior) - 0.5 * own.reduce((sum, v) => sum + Math.log(2 * Math.PI * v), 0);
    });
    const difference = e.sub(e.unsqueeze(x.name, 1), e.f64([1, k, x.width], means));
    const terms = e.div(e.mul(difference, difference), e.f64([1, k, x.width], variances));
    const likelihoods = e.add(e.mul(e.sum(terms, 2, false), e.scalar(-0.5)), e.row(constants));
    return byLikelihood(c, classes, likelihoods);
  },
};

export const multinomialNaiveBayes: Compiler = {
  readsSparse: true,
  predict(c, model, x, raw) {
    const { input, classes, found } = logs(model, x, raw);
    const product = project(c.e, input, transposed(found), found.rows);
    const prior = c.e.row(model.vector('class_log_prior_', found.rows));
    return byLikelihood(c, classes, c.e.add(product, prior));
  },
};

/** Priors count only where there is a single class. */
export const complementNaiveBayes: Compiler = {
  readsSparse: true,
  predict(c, model, x, raw) {
    const { input, classes, found } = logs(model, x, raw);
    const product = project(c.e, input, transposed(found), found.rows);
    const single = classes.values.length === 1;
    const prior = single ? model.vector('class_log_prior_', 1) : new Float64Array(found.rows);
    return byLikelihood(c, classes, c.e.add(product, c.e.row(prior)));
  },
};

/** x·(log p - log(1 - p)) + Σ log(1 - p), for x of zeros and ones. */
export const bernoulliNaiveBayes: Compiler = {
  readsSparse: true,
  predict(c, model, x, raw) {
    const { input, classes, found } = logs(model, x, raw);
    const absent = found.data.map((v) => Math.log(1 - Math.exp(v)));
    const weights = transposed({ ...found, data: found.data.map((v, i) => v - (absent[i] ?? 0)) });
    const constants = model
      .vector('class_log_prior_', found.rows)
      .map((prior, i) =>
        absent
          .subarray(i * found.columns, (i + 1) * found.columns)
          .reduce((sum, v) => sum + v, prior),
      );
    const product = project(c.e, binarized(c, model, input), weights, found.rows);
    return byLikelihood(c, classes, c.e.add(product, c.e.row(constants)));
  },
};

type Rows = Parameters<typeof project>[1];

function binarized({ e }: Compilation, model: Fitted, x: Rows): Rows {
  if (!model.has('binarize')) return x;
  const threshold = model.number('binarize', 0);
  const over = (name: Name) => e.cast(e.op('Greater', [name, e.scalar(threshold)]), 'float64');
  if (x.kind === 'dense') return { ...x, name: over(x.name) };
  if (threshold < 0) throw model.refusal('a negative binarize threshold with text is not proven');
  return { ...x, values: over(x.values) };
}

/** Σ over features of log p[feature][class, category]. */
export const categoricalNaiveBayes: Compiler = {
  predict(c, model, x) {
    const { e } = c;
    const classes = model.classes();
    const k = classes.values.length;
    const tables = model.matrices('feature_log_prob_', x.width);
    const parts = tables.map((table, i) => {
      if (table.rows !== k) throw model.refusal(`feature_log_prob_[${i}] does not fit its classes`);
      const index = e.op('Clip', [
        e.cast(e.vector(x.name, i), 'int64'),
        e.i64([0], []),
        e.i64([table.columns - 1], []),
      ]);
      return e.op('Gather', [e.f64([table.columns, k], transposed(table)), index], { axis: 0 });
    });
    const sum = parts.reduce((total, part) => e.add(total, part));
    return byLikelihood(c, classes, e.add(sum, e.row(model.vector('class_log_prior_', k))));
  },
};
