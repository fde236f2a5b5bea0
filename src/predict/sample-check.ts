import type { ImportModelOutput, ServedModel } from '../engine/tabular-tasks.ts';
import { FoveaError } from '../errors.ts';
import type { ModelImporter } from '../models/model-importer.ts';
import type { SampleChecker } from '../models/model-publisher.ts';
import type { ModelSamples, ParityReport } from '../protocol/model-samples.ts';
import type { NamedTensors } from '../engine/tabular-tasks.ts';
import { compareSamples } from './compare-samples.ts';
import { decodeTargets, hasTargets } from './decode-targets.ts';
import { decodeOutputs } from './decode-outputs.ts';
import { encodeRows } from './encode-rows.ts';
import { rowLayout } from './row-layout.ts';

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
    const decode = hasTargets(signature) ? decodeTargets : decodeOutputs;
    const decoded = decode(signature, outputs, rows.length, together);
    const tolerance = samples.tolerance ?? defaultTolerance(imported);
    const { report, failed } = compareSamples(signature, samples, decoded, tolerance);
    if (failed) throw differs(report);
    return report;
  }
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
