import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { byProbabilities, pair, positive } from '../graph/classify.ts';
import type { Name } from '../graph/emitter.ts';
import { interpolated } from '../graph/interpolate.ts';
import type { Value } from '../graph/values.ts';
import { average, classifierOf } from './meta-classifiers.ts';

/** The isotonic function: linear between thresholds (`sklearn/isotonic.py`). */
function isotonic(c: Compilation, model: Fitted, x: Name): Name {
  const { e } = c;
  const xs = model.vector('X_thresholds_');
  const ys = model.vector('y_thresholds_', xs.length);
  const found = interpolated(e, x, [{ x: xs, y: ys }]);
  const outside = model.text('out_of_bounds', 'nan');
  if (outside === 'clip') return found;
  if (outside !== 'nan')
    throw model.refusal('it raises for values beyond its range', 'use out_of_bounds="clip"');
  const below = e.op('Less', [x, e.scalar(xs[0] ?? 0)]);
  const beyond = e.op('Or', [below, e.op('Greater', [x, e.scalar(xs.at(-1) ?? 0)])]);
  return e.where(beyond, e.scalar(Number.NaN), found);
}

export const isotonicRegression: Compiler = {
  input: () => ({ width: 1 }),
  predict(c, model, x) {
    if (x.width !== 1) throw model.refusal(`it reads one column and gets ${x.width}`);
    c.warnings.add(steepWarning);
    return { kind: 'regressor', name: isotonic(c, model, x.name), width: 1 };
  },
};

const steepWarning =
  'An isotonic function may be infinitely steep: there a difference of the last digit before it becomes a visible one.';

function calibrator(c: Compilation, model: Fitted, x: Name): Name {
  if (model.type === 'IsotonicRegression') {
    c.warnings.add(steepWarning);
    return isotonic(c, model, x);
  }
  if (model.type !== '_SigmoidCalibration') throw model.refusal('this calibrator is not supported');
  const { e } = c;
  const linear = e.add(e.mul(x, e.scalar(model.number('a_'))), e.scalar(model.number('b_')));
  return e.op('Sigmoid', [e.neg(linear)]);
}

/** One member: its decision function, else its probabilities, each class through its calibrator. */
function calibrated(c: Compilation, model: Fitted, raw: Value, k: number): Name {
  const { e } = c;
  if (model.textIf('method', 'sigmoid') === 'temperature')
    throw model.refusal('temperature scaling is not proven', 'use sigmoid or isotonic');
  const member = model.child(model.has('estimator') ? 'estimator' : 'base_estimator');
  const found = classifierOf(c, member, raw);
  const calibrators = model.children(model.has('calibrators') ? 'calibrators' : 'calibrators_');
  if (found.classes.values.length !== k)
    throw member.refusal('a fold lacks some of the classes', 'use fewer folds');
  const p = found.probabilities;
  const inputs = found.scores ?? (p !== undefined && k === 2 ? positive(e, p) : p);
  const width = k === 2 ? 1 : k;
  if (inputs === undefined || calibrators.length !== width)
    throw model.refusal(`it has ${calibrators.length} calibrators for ${k} classes`);
  const columns = calibrators.map((one, i) =>
    calibrator(c, one, width === 1 ? inputs : e.column(inputs, i)),
  );
  if (width === 1) return pair(e, columns[0] ?? '');
  const all = e.concat(columns);
  const total = e.sum(all);
  const nothing = e.op('Equal', [total, e.scalar(0)]);
  return e.where(nothing, e.scalar(1 / k), e.div(all, e.where(nothing, e.scalar(1), total)));
}

/** `sklearn/calibration.py`: the mean over the folds. */
export const calibratedClassifier: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const classes = model.classes();
    const members = model.children('calibrated_classifiers_');
    const parts = c.each(members, (member) => calibrated(c, member, raw, classes.values.length));
    return byProbabilities(
      c.e,
      classes,
      average(
        c,
        parts,
        parts.map(() => 1),
      ),
    );
  },
};
