import type { Compiler } from '../compilation.ts';
import { byProbabilities } from '../graph/classify.ts';

/** The same answer for every row (`sklearn/dummy.py`). */
export const dummyClassifier: Compiler = {
  missing: 'accepts',
  predict(c, model, x) {
    const classes = model.classes();
    const priors = model.vector('class_prior_', classes.values.length);
    const strategy = model.text('strategy', 'prior');
    if (strategy === 'prior') return byProbabilities(c.e, classes, c.e.perRow(x.name, priors));
    if (strategy !== 'most_frequent')
      throw model.refusal(`the strategy ${strategy} answers at random`);
    const best = priors.indexOf(Math.max(...priors));
    return byProbabilities(
      c.e,
      classes,
      c.e.perRow(
        x.name,
        priors.map((_, i) => Number(i === best)),
      ),
    );
  },
};

export const dummyRegressor: Compiler = {
  missing: 'accepts',
  predict(c, model, x) {
    const constant = model.vector('constant_');
    return { kind: 'regressor', name: c.e.perRow(x.name, constant), width: constant.length };
  },
};
