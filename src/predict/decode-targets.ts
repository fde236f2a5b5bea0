import type { NamedTensors } from '../engine/tabular-tasks.ts';
import type { ModelSignature } from '../protocol/model-version.ts';
import { decodeOutputs, type ClassProbabilities, type DecodedRows } from './decode-outputs.ts';

/** Whether the model answers several questions at once, each with classes of its own. */
export function hasTargets({ outputs }: ModelSignature): boolean {
  return outputs.some(({ target }) => target !== undefined);
}

/** Answers by the names of the targets. The certainty of each is among its probabilities. */
export function decodeTargets(
  signature: ModelSignature,
  runs: readonly NamedTensors[],
  rows: number,
  together: boolean,
): DecodedRows {
  const answers = [...targetsOf(signature)].map(
    ([target, own]) => [target, decodeOutputs(own, runs, rows, together)] as const,
  );
  const row = <T>(pick: (answer: DecodedRows) => readonly T[] | undefined) =>
    Array.from({ length: rows }, (_, at) =>
      Object.fromEntries(
        answers.flatMap(([target, answer]) => {
          const values = pick(answer);
          return values ? [[target, values[at]] as const] : [];
        }),
      ),
    );
  const [known, scored] = [
    answers.some(([, { probabilities }]) => probabilities),
    answers.some(([, { scores }]) => scores),
  ];
  return {
    predictions: row(({ predictions }) => predictions),
    ...(known
      ? {
          probabilities: row(({ probabilities }) => probabilities) as Record<
            string,
            ClassProbabilities
          >[],
        }
      : {}),
    ...(scored ? { scores: row(({ scores }) => scores) } : {}),
  };
}

function targetsOf({ inputs, outputs }: ModelSignature): Map<string, ModelSignature> {
  const found = new Map<string, ModelSignature>();
  for (const output of outputs) {
    const { target, classes } = output;
    if (target === undefined) continue;
    const before = found.get(target);
    found.set(target, {
      inputs,
      outputs: [...(before?.outputs ?? []), output],
      ...(classes ? { classes } : {}),
    });
  }
  return found;
}
