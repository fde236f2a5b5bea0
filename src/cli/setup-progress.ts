import type { ModelStatus } from '../protocol/model.ts';
import { humanBytes } from './table.ts';

/** Shows how models come along, as long as a command runs. */
export interface SetupProgress {
  readonly show: (models: readonly ModelStatus[]) => void;
  /** The last picture stays. */
  readonly end: () => void;
}

const barWidth = 20;
const redrawMs = 100;
const usualColumns = 80;

/** Bars that are drawn over in a terminal; in a file or pipe a line per change of state and tenth of the way. */
export function setupProgress(output: NodeJS.WriteStream): SetupProgress {
  return output.isTTY ? drawnBars(output) : plainLines(output);
}

/** One JSON object per line: a model's status at each change. */
export function jsonLines(output: NodeJS.WritableStream): SetupProgress {
  return changes(
    (model) => JSON.stringify(model),
    (_model, line) => output.write(`${line}\n`),
  );
}

function plainLines(output: NodeJS.WritableStream): SetupProgress {
  return changes(
    (model) => `${model.state} ${Math.floor(model.progress * 10)} ${model.reason ?? ''}`,
    (model) => output.write(`${lineOf(model)}\n`),
  );
}

function changes(
  keyOf: (model: ModelStatus) => string,
  write: (model: ModelStatus, key: string) => void,
): SetupProgress {
  const shown = new Map<string, string>();
  return {
    show: (models) => {
      for (const model of models) {
        const key = keyOf(model);
        if (shown.get(model.name) === key) continue;
        shown.set(model.name, key);
        write(model, key);
      }
    },
    end: () => undefined,
  };
}

function drawnBars(output: NodeJS.WriteStream): SetupProgress {
  const models = new Map<string, ModelStatus>();
  let drawn = 0;
  let drawnAt = 0;
  const draw = (): void => {
    drawnAt = performance.now();
    // A terminal that does not say how wide it is has 0 columns.
    const width = (output.columns || usualColumns) - 1;
    const lines = [...models.values()].map((model) => lineOf(model).slice(0, width));
    // Up to the first line, then each line anew: ECMA-48 CUU and EL.
    const up = drawn > 0 ? `\u001B[${drawn}A` : '';
    output.write(`${up}${lines.map((line) => `\u001B[2K${line}\n`).join('')}`);
    drawn = lines.length;
  };
  return {
    show: (changed) => {
      for (const model of changed) models.set(model.name, model);
      if (performance.now() - drawnAt >= redrawMs) draw();
    },
    end: draw,
  };
}

function lineOf(model: ModelStatus): string {
  const { name, state, progress, size_bytes: size } = model;
  const filled = Math.floor(progress * barWidth);
  const bar = `${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}`;
  return `${name.padEnd(24)} [${bar}] ${humanBytes(size).padStart(7)}  ${state} ${detailOf(model)}`.trimEnd();
}

function detailOf({ state, load_ms: loadMs, transfer, reason }: ModelStatus): string {
  if (state === 'ready') return `in ${Math.round(loadMs ?? 0)} ms`;
  if (!transfer) return reason ?? '';
  const {
    bytes_done: done,
    bytes_total: total,
    bytes_per_second: rate,
    eta_seconds: eta,
  } = transfer;
  return [
    total === null ? humanBytes(done) : `${humanBytes(done)} of ${humanBytes(total)}`,
    rate === undefined ? '' : `${humanBytes(rate)}/s`,
    eta === undefined ? '' : `${eta} s left`,
  ]
    .filter(Boolean)
    .join(', ');
}
