import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Name } from '../graph/emitter.ts';
import { knownFunction } from './functions.ts';
import { regressionOf } from './meta-regressors.ts';

/** `inverse_transform` of the few transformers that stand behind a regressor. */
function inverse(c: Compilation, model: Fitted, y: Name, width: number): Name {
  const { e } = c;
  switch (model.type) {
    case 'FunctionTransformer':
      return knownFunction(model, 'inverse_func')?.(e, y) ?? y;
    case 'StandardScaler': {
      const scaled = model.flag('with_std', true)
        ? e.mul(y, e.row(model.vector('scale_', width)))
        : y;
      return model.flag('with_mean', true)
        ? e.add(scaled, e.row(model.vector('mean_', width)))
        : scaled;
    }
    case 'MinMaxScaler': {
      const shifted = e.sub(y, e.row(model.vector('min_', width)));
      return e.div(shifted, e.row(model.vector('scale_', width)));
    }
    case 'MaxAbsScaler':
      return e.mul(y, e.row(model.vector('scale_', width)));
    case 'RobustScaler': {
      const scaled = model.flag('with_scaling', true)
        ? e.mul(y, e.row(model.vector('scale_', width)))
        : y;
      return model.flag('with_centering', true)
        ? e.add(scaled, e.row(model.vector('center_', width)))
        : scaled;
    }
    default:
      throw model.refusal('its inverse is not supported', 'use a scaler or a function of numpy');
  }
}

/** `sklearn/compose/_target.py`. */
export const transformedTargetRegressor: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const { name, width } = regressionOf(c, model.child('regressor_'), raw);
    return { kind: 'regressor', name: inverse(c, model.child('transformer_'), name, width), width };
  },
};
