import { namedSteps } from './estimators/composition-state.ts';
import type { Fitted } from './fitted/fitted.ts';
import { compilerFor } from './table.ts';

/** Whether an estimator is asked to predict, or only to transform; a pipeline is what its last step is. */
export function predicts(model: Fitted): boolean {
  if (model.type === 'Pipeline') {
    const last = namedSteps(model, 'steps', 'pipeline step').at(-1)?.value;
    return last instanceof Object && predicts(last);
  }
  if (model.has('best_estimator_')) return predicts(model.child('best_estimator_'));
  return compilerFor(model).predict !== undefined;
}
