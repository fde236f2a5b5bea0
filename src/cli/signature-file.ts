import { basename } from 'node:path';
import type { ConvertModelOutput } from '../engine/conversion-tasks.ts';
import { missingString } from '../import/sklearn/graph/values.ts';

/** `<output>.signature.json`: everything that a caller of the graph needs to know. docs/convert.md describes it. */
export function signatureFile(made: ConvertModelOutput, onnx: string): string {
  const { signature, report, sha256 } = made;
  const content = {
    format: 'fovea-signature',
    version: 1,
    model: { file: basename(onnx), sha256, importerVersion: report.importerVersion },
    sklearnVersion: report.sklearnVersion,
    missingString,
    ...signature,
  };
  return `${JSON.stringify(content, null, 1)}\n`;
}
