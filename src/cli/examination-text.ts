import type { Examination, ExaminedFile } from '../import/sklearn/examine-models.ts';
import type { ModelTree } from '../import/sklearn/reader/inspect/model-tree.ts';
import { printable } from './printable.ts';
import { signatureLines } from './signature-lines.ts';
import { humanBytes } from './table.ts';

const most = { files: 16, treeLines: 120, globals: 40, params: 6, reasonLines: 40 } as const;

/** An examination for people, in at most some hundred lines. */
export function examinationText(found: Examination): string {
  const lines = [
    ...found.files.slice(0, most.files).flatMap(fileLines),
    '',
    ...verdictLines(found),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function fileLines(file: ExaminedFile): string[] {
  const packed = file.compression === undefined ? '' : `, ${file.compression}`;
  const inflated =
    file.inflatedBytes === file.bytes ? '' : ` (${humanBytes(file.inflatedBytes)} inflated)`;
  const versions = file.sklearnVersions.length > 0 ? file.sklearnVersions.join(', ') : undefined;
  const isPickle = file.format === 'pickle' || file.format === 'joblib';
  return [
    file.name,
    `  format   ${file.format ?? 'unknown'}${isPickle ? `, protocol ${file.protocol}` : ''}${packed}`,
    `  size     ${humanBytes(file.bytes)}${inflated}, ${file.arrays} arrays of ${humanBytes(file.arrayBytes)}`,
    ...(versions === undefined ? [] : [`  sklearn  ${versions}`]),
    ...(file.numpy === undefined ? [] : [`  numpy    ${file.numpy}`]),
    ...opcodeLine(file),
    ...globalLines(file),
    ...(file.tree ? ['  holds', ...treeLines(file.tree)] : []),
  ];
}

function opcodeLine({ opcodes }: ExaminedFile): string[] {
  const entries = Object.entries(opcodes).toSorted(([, a], [, b]) => b - a);
  if (entries.length === 0) return [];
  const shown = entries.slice(0, 12).map(([name, count]) => `${name} ${count}`);
  const more = entries.length - shown.length;
  return [`  opcodes  ${shown.join(', ')}${more > 0 ? `, … ${more} kinds more` : ''}`];
}

function globalLines({ globals, globalCount }: ExaminedFile): string[] {
  if (globalCount === 0) return [];
  const shown = globals.slice(0, most.globals).map(({ module, name, allowed, offset }) => {
    const place = offset === undefined ? '' : ` at byte ${offset}`;
    return allowed ? `    ${module}.${name}` : `  ! ${module}.${name}${place}, forbidden`;
  });
  const more = globalCount - shown.length;
  return ['  names', ...shown, ...(more > 0 ? [`    … ${more} more`] : [])];
}

/** Depth first, cut after `most.treeLines`. */
function treeLines(root: ModelTree): string[] {
  const lines: string[] = [];
  let left = 0;
  const walk = (node: ModelTree, depth: number): void => {
    if (lines.length < most.treeLines) lines.push(`    ${'  '.repeat(depth)}${nodeText(node)}`);
    else left += 1;
    for (const child of node.children) walk(child, depth + 1);
  };
  walk(root, 0);
  return left > 0 ? [...lines, `    … ${left} more; --json shows them`] : lines;
}

function nodeText({ name, type, params, arrays, alike }: ModelTree): string {
  const told = Object.entries(params).filter(([, value]) => value !== 'None');
  const shown = told.slice(0, most.params).map(([key, value]) => `${key}=${value}`);
  const more = told.length > shown.length ? ', …' : '';
  const shapes = arrays
    .slice(0, 4)
    .map((array) => `${array.name} ${array.dtype} [${array.shape.join(', ')}]`);
  const others = alike === undefined ? '' : `, and ${alike} more like it`;
  const title = name === '' ? '' : `${name}: `;
  const numbers =
    shapes.length > 0 ? ` with ${shapes.join(', ')}${arrays.length > 4 ? ', …' : ''}` : '';
  return `${title}${type.split('.').at(-1) ?? type}(${shown.join(', ')}${more})${numbers}${others}`;
}

function verdictLines({ verdict, problem, conversion }: Examination): string[] {
  if (conversion) {
    const { signature, onnxBytes } = conversion;
    return [
      `convertible: fovea convert makes ${humanBytes(onnxBytes)} of ONNX of it`,
      ...signatureLines(signature),
    ];
  }
  const reasons = (problem?.message ?? '').split('\n');
  const more = reasons.length - most.reasonLines;
  return [
    verdict === 'refused'
      ? `refused: ${problem?.code ?? ''}; do not load it in Python either, unless you know who made it`
      : `harmless, but not convertible: ${problem?.code ?? ''}`,
    ...reasons.slice(0, most.reasonLines).map((reason) => `  ${reason}`),
    ...(more > 0 ? [`  … ${more} more`] : []),
  ];
}
