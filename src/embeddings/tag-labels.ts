import { readFileSync } from 'node:fs';
import { defaultLabels } from './default-labels.ts';

const mostLabels = 1000;
const longestLabel = 200;

/**
 * The labels that tags are chosen from: one a line; empty lines and those that start with `#` do not count.
 * @param file the built-in ones without
 * @throws Error saying what is wrong with the file
 */
export function readTagLabels(file: string | undefined): readonly string[] {
  if (file === undefined) return defaultLabels;
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim());
  const labels = [...new Set(lines.filter((line) => line !== '' && !line.startsWith('#')))];
  if (labels.length === 0 || labels.length > mostLabels)
    throw new Error(`the file has ${labels.length} labels; it needs 1 to ${mostLabels}`);
  const long = labels.find((label) => label.length > longestLabel);
  if (long === undefined) return labels;
  throw new Error(
    `the label ${JSON.stringify(long.slice(0, 40))} has ${long.length} characters; ${longestLabel} are the most`,
  );
}
