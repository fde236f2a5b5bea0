import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Name } from '../graph/emitter.ts';
import type { Value } from '../graph/values.ts';
import { average, weightsOf } from './meta-classifiers.ts';

export function regressionOf(
  c: Compilation,
  member: Fitted,
  x: Value,
): { name: Name; width: number } {
  const found = c.predict(member, x);
  if (found.kind === 'regressor') return found;
  throw member.refusal(`it is a ${found.kind} where a regressor is needed`);
}

export const votingRegressor: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const members = model.children('estimators_');
    const parts = c.each(members, (member) => regressionOf(c, member, raw).name);
    return { kind: 'regressor', name: average(c, parts, weightsOf(model, parts.length)), width: 1 };
  },
};

/** One regressor per target. */
export const multiOutputRegressor: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const parts = c.each(model.children('estimators_'), (member) => regressionOf(c, member, raw));
    const width = parts.reduce((sum, part) => sum + part.width, 0);
    return { kind: 'regressor', name: c.e.concat(parts.map((part) => part.name)), width };
  },
};

/** The weighted median of the members' predictions (`sklearn/ensemble/_weight_boosting.py`). */
export const adaBoostRegressor: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const { e } = c;
    const members = model.children('estimators_');
    const weights = model.vector('estimator_weights_').slice(0, members.length);
    const all = e.concat(c.each(members, (member) => regressionOf(c, member, raw).name));
    const [sorted = '', order = ''] = e.ops('TopK', [all, e.i64([members.length])], 2, {
      axis: 1,
      largest: 0,
      sorted: 1,
    });
    const own = e.op('Gather', [e.f64([weights.length], weights), order], { axis: 0 });
    const running = e.op('CumSum', [own, e.i64([1], [])]);
    const half = e.mul(e.column(running, members.length - 1), e.scalar(0.5));
    const reached = e.cast(e.op('GreaterOrEqual', [running, half]), 'int32');
    const first = e.op('ArgMax', [reached], { axis: 1, keepdims: 1 });
    return {
      kind: 'regressor',
      name: e.op('GatherElements', [sorted, first], { axis: 1 }),
      width: 1,
    };
  },
};
