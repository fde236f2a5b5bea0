import type { Signature, SignatureOutput } from '../import/sklearn/signature.ts';

const mostInputs = 30;
const mostNames = 12;

interface ShownInput {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
  readonly features?: readonly string[];
  readonly allowsMissing: boolean;
  readonly text?: unknown;
  readonly vocabulary?: number;
}

interface Shown {
  readonly task: string;
  readonly inputs: readonly ShownInput[];
  readonly outputs: readonly SignatureOutput[];
  readonly classes?: Signature['classes'];
  readonly unused?: Signature['unused'];
}

/** What a graph takes and gives, for people; long lists are cut. */
export function signatureLines({ task, inputs, outputs, classes, unused }: Shown): string[] {
  const more = inputs.length - mostInputs;
  return [
    `  task   ${task}`,
    ...inputs.slice(0, mostInputs).map((input) => `  input  ${inputText(input)}`),
    ...(more > 0 ? [`  input  … ${more} more`] : []),
    ...(unused ? [`  unused ${few(unused.map(({ name }) => name))}`] : []),
    ...outputs
      .slice(0, mostInputs)
      .map(({ name, dtype, shape }) => `  output ${name} ${dtype} [${shape.join(', ')}]`),
    ...(classes ? [`  labels ${few(classes)}`] : []),
  ];
}

function inputText(input: ShownInput): string {
  const { name, dtype, shape, features, allowsMissing } = input;
  const isText = input.text !== undefined || input.vocabulary !== undefined;
  const kind = isText ? 'texts' : `${dtype} [${shape.join(', ')}]`;
  const columns = features ? `: ${few(features)}` : '';
  return `${name} ${kind}${allowsMissing ? ', may be missing' : ''}${columns}`;
}

function few(names: readonly (string | number)[]): string {
  const shown = names.slice(0, mostNames).map((name) => String(name).slice(0, 60));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? `, … ${more} more` : ''}`;
}
