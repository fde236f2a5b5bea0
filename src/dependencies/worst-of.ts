import type { BreakerState, DependencyState } from './dependency.ts';

const badness: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

/** Several breakers as one dependency: in the state of the worst of them, with the transitions of all. Closed when there is none. */
export function worstOf(states: Iterable<DependencyState>): DependencyState {
  const transitions = { closed: 0, half_open: 0, open: 0 };
  let worst: DependencyState = { state: 'closed', transitions };
  for (const each of states) {
    for (const name of ['closed', 'half_open', 'open'] as const)
      transitions[name] += each.transitions[name];
    if (badness[each.state] > badness[worst.state]) worst = each;
  }
  return { ...worst, transitions };
}
