import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Coupling } from '../import/sklearn/signature.ts';
import type { TextStage } from '../import/sklearn/text/text-stage.ts';

/** What is done outside of the graph in every run: texts become counted tokens before it, pairs of classes probabilities after it. */
export interface ServingSteps {
  /** Several may read the same input. */
  readonly texts: readonly TextStage[];
  readonly coupling?: Coupling;
}

const formatVersion = 1;

/** Only this program writes these files: they are checked for their version, not for every token. */
const stored = z.object({
  format: z.literal(formatVersion),
  steps: z.custom<ServingSteps>(
    (value) => typeof value === 'object' && value !== null && 'texts' in value,
  ),
});

/** Lies beside the model for as long as the model does. */
export async function writeSteps(path: string, steps: ServingSteps): Promise<void> {
  const text = JSON.stringify({ format: formatVersion, steps });
  await writeFile(path, text, { flush: true, mode: 0o600 });
}

/** @throws Error when the file is gone or is no such file. */
export async function readSteps(path: string): Promise<ServingSteps> {
  return stored.parse(JSON.parse(await readFile(path, 'utf8'))).steps;
}
