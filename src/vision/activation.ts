/** What makes numbers of a model probabilities. */
export type Activation = 'none' | 'sigmoid' | 'softmax';

const functions: Record<Activation, (values: Float32Array) => ArrayLike<number>> = {
  none: (values) => values,
  sigmoid: (values) => Array.from(values, sigmoid),
  softmax,
};

export function activated(activation: Activation): (values: Float32Array) => ArrayLike<number> {
  return functions[activation];
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** Relative to the largest, so that no exponential overflows. */
export function softmax(values: Float32Array): number[] {
  let most = -Infinity;
  for (const value of values) most = Math.max(most, value);
  const powers = Array.from(values, (value) => Math.exp(value - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
