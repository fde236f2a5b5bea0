import { setImmediate } from 'node:timers/promises';
import type { ImportModelOutput, NamedTensors, ServedModel } from '../engine/tabular-tasks.ts';
import { FoveaError } from '../errors.ts';
import type { ModelImporter } from '../models/model-importer.ts';
import type { SampleChecker } from '../models/model-publisher.ts';
import type { ModelSamples, ParityReport } from '../protocol/model-samples.ts';
import { SampleComparison } from './compare-samples.ts';
import { decodeTargets, hasTargets } from './decode-targets.ts';
import { decodeOutputs } from './decode-outputs.ts';
import { encodeRows } from './encode-rows.ts';
import { rowLayout } from './row-layout.ts';
import { takeRows } from './tensor-rows.ts';

/** Differences that are noise: of models that count in float64, and of those that count in float32. */
const tolerances = { float64: 1e-5, float32: 1e-4 } as const;

/** Runs samples through a model that is not accepted yet, exactly as predictions are made. */
export class SampleCheck implements SampleChecker {
  readonly #importer: ModelImporter;

  constructor(importer: ModelImporter) {
    this.#importer = importer;
  }

  /** @throws FoveaError MODEL_DIFFERS naming the worst row, MODEL_INVALID when the rows do not fit. */
  async check(
    samples: ModelSamples,
    model: ServedModel,
    imported: ImportModelOutput,
    signal: AbortSignal | undefined,
  ): Promise<ParityReport> {
    const { signature, serving, batching } = imported;
    const together = batching !== 'single';
    const rows = samples.inputs;
    const outputs = await this.#importer.run(
      model,
      encoded(rowLayout(signature, together, serving.rules), rows),
      signal,
    );
    const comparison = new SampleComparison(
      signature,
      samples,
      samples.tolerance ?? defaultTolerance(imported),
    );
    const decode = hasTargets(signature) ? decodeTargets : decodeOutputs;
    const split = splitter(outputs, together, rows.length);
    for (let row = 0; row < rows.length; row += split.step) {
      const count = Math.min(split.step, rows.length - row);
      comparison.add(row, decode(signature, split.part(row, count), count, together));
      // Others have their turn: a thousand rows of many classes take a while.
      await setImmediate();
    }
    const { report, failed } = comparison.result();
    if (failed) throw differs(report);
    return report;
  }
}

/** Decoded and compared at a time, on the loop that answers everybody else. */
const rowsPerTurn = 25;

/** The outputs piece by piece; in one where they have no row per input row. */
function splitter(
  outputs: readonly NamedTensors[],
  together: boolean,
  rows: number,
): { step: number; part: (start: number, count: number) => readonly NamedTensors[] } {
  if (!together)
    return { step: rowsPerTurn, part: (start, count) => outputs.slice(start, start + count) };
  const [run = {}] = outputs;
  if (!takeRows(run, rows, 0, 0)) return { step: rows, part: () => outputs };
  return {
    step: rowsPerTurn,
    part: (start, count) => [takeRows(run, rows, start, count) ?? {}],
  };
}

function encoded(
  layout: Parameters<typeof encodeRows>[0],
  rows: readonly unknown[],
): NamedTensors[] {
  try {
    return encodeRows(layout, rows);
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error;
    throw new FoveaError(
      'MODEL_INVALID',
      `The samples do not fit the model. ${error.message}`,
      error.details,
      error,
    );
  }
}

/** XGBoost counts in float32, whatever the graph does. */
function defaultTolerance({ format, signature }: ImportModelOutput): number {
  const rough = signature.outputs.some(({ dtype }) => dtype === 'float32');
  return tolerances[rough || format === 'xgboost' ? 'float32' : 'float64'];
}

function differs(report: ParityReport): FoveaError {
  const { worst, tolerance } = report;
  const [expected, actual] = [worst?.expected, worst?.actual].map((value) => JSON.stringify(value));
  const by =
    worst?.difference === null || worst === null
      ? ''
      : `, off by ${worst.difference.toPrecision(3)}; ${tolerance} is tolerated`;
  return new FoveaError(
    'MODEL_DIFFERS',
    `Row ${worst?.row ?? 0} of the samples: ${worst?.value ?? 'the answer'} should be ${expected} and is ${actual}${by}. Check that the samples were made by this model; if so, convert it in Python, or report the difference.`,
    { parity: report },
  );
}
