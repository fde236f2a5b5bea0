import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { scanModelFile } from '../../../../../src/import/sklearn/reader/read-model-file.ts';
import { cpuMilliseconds } from '../../../../support/cpu-time.ts';

/** Reads every file of a folder, one after the other; says how each ended, how long it took, and the peak of memory. */
const folder = process.argv[2] ?? '';
const results: Record<string, { outcome: string; milliseconds: number; peakMegabytes: number }> =
  {};
for (const name of readdirSync(folder)) {
  const file = new Uint8Array(readFileSync(join(folder, name)));
  const start = cpuMilliseconds();
  const outcome = scanModelFile(file).problem?.code ?? 'inert';
  results[name] = {
    outcome,
    milliseconds: Math.round(cpuMilliseconds() - start),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1000),
  };
}
process.stdout.write(JSON.stringify(results));
