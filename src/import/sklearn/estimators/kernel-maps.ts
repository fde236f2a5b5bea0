import type { Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { kernel } from '../graph/kernels.ts';
import type { Dense } from '../graph/values.ts';
import { transposed } from './linear.ts';

/** `gamma` defaults to 1 / features in `sklearn/metrics/pairwise.py`. */
function options(model: Fitted, width: number) {
  const gamma = model.has('gamma_') ? 'gamma_' : 'gamma';
  return {
    kernel: model.text('kernel', 'rbf'),
    gamma: model.number(gamma, 1 / width),
    coef0: model.number('coef0', 1),
    degree: model.number('degree', 3),
  };
}

/** Kernel values, centred as those of the training set were, on the scaled eigenvectors. */
export const kernelPca: Compiler = {
  transform({ e }, model, x): Dense {
    const points = model.matrix('X_fit_', undefined, x.width);
    const values = kernel(e, x, points, options(model, x.width), model);
    const centre = model.child('_centerer');
    const rows = model.fitted(centre.record, '_centerer').vector('K_fit_rows_', points.rows);
    const mean = e.op('ReduceMean', [values, e.i64([1])], { keepdims: 1 });
    const all = centre.number('K_fit_all_');
    const centred = e.add(e.sub(e.sub(values, e.row(rows)), mean), e.scalar(all));
    const lambdas = model.vector(model.has('eigenvalues_') ? 'eigenvalues_' : 'lambdas_');
    const vectors = model.matrix(
      model.has('eigenvectors_') ? 'eigenvectors_' : 'alphas_',
      points.rows,
      lambdas.length,
    );
    const scaled = vectors.data.map((v, i) => {
      const lambda = lambdas[i % lambdas.length] ?? 0;
      return lambda > 0 ? v / Math.sqrt(lambda) : 0;
    });
    const name = e.matmul(centred, e.f64([points.rows, lambdas.length], scaled));
    return { kind: 'dense', name, width: lambdas.length };
  },
};

/** K(x, components) · normalizationᵀ (`sklearn/kernel_approximation.py`). */
export const nystroem: Compiler = {
  transform({ e }, model, x): Dense {
    const points = model.matrix('components_', undefined, x.width);
    const values = kernel(e, x, points, options(model, x.width), model);
    const normalization = model.matrix('normalization_', points.rows, points.rows);
    const name = e.matmul(values, e.f64([points.rows, points.rows], transposed(normalization)));
    return { kind: 'dense', name, width: points.rows };
  },
};
