/** One reason why a model cannot be served as it is. */
export interface Problem {
  /** The class, by its full name. */
  readonly class: string;
  /** Where it sits, such as `pipeline step 'clf' → estimators[2]`. */
  readonly place: string;
  readonly reason: string;
  /** What to do instead. */
  readonly advice: string;
}

export const defaultAdvice =
  'convert the model to ONNX in Python with skl2onnx, or fit it again without this part';

/** Stops the compilation of one branch; the entry point gathers the problems of all branches. */
export class Refusal extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map((p) => `${p.class} at ${p.place}: ${p.reason}; ${p.advice}.`).join('\n'));
    this.name = 'Refusal';
    this.problems = problems;
  }
}
