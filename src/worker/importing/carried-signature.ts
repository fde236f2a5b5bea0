import { z } from 'zod';
import { FoveaError } from '../../errors.ts';
import type { DeclaredSignature } from '../../import/onnx/declared-signature.ts';
import { carriedVersion } from '../../import/sklearn/graph-metadata.ts';
import type { Signature } from '../../import/sklearn/import-sklearn.ts';
import { javascriptPattern } from '../../import/sklearn/text/python-pattern.ts';
import type { TextAnalyzer } from '../../import/sklearn/text/text-stage.ts';

/** The vocabularies of texts are the largest part: some millions of words. */
const mostCharacters = 64 * 1024 * 1024;
const widest = 2 ** 31;
const longestGram = 50;

const words = z.array(z.string());
const label = z.union([z.string(), z.number()]);
const shape = z.array(z.union([z.string(), z.int()])).max(8);

const analyzer = z
  .object({
    kind: z.enum(['word', 'char', 'char_wb']),
    lowercase: z.boolean(),
    stripAccents: z.enum(['ascii', 'unicode']).nullable(),
    pythonPattern: z.string(),
    stopWords: words,
    ngrams: z.tuple([z.int().min(1), z.int().max(longestGram)]),
  })
  // The expression that runs here is made here: one of a stranger could take for ever.
  .transform((found, context): TextAnalyzer => {
    const pattern = found.kind === 'word' ? javascriptPattern(found.pythonPattern) : '';
    if (pattern !== undefined && found.ngrams[0] <= found.ngrams[1]) return { ...found, pattern };
    context.addIssue({ code: 'custom', message: 'no such words can be counted' });
    return z.NEVER;
  });

const textStage = z
  .object({
    input: z.string(),
    ids: z.string(),
    counts: z.string(),
    width: z.int().min(1).max(widest),
    analyzer,
    index: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('vocabulary'), tokens: words }),
      z.object({ kind: z.literal('hash'), alternateSign: z.boolean() }),
    ]),
    binary: z.boolean(),
  })
  .refine(
    ({ index, width }) => index.kind === 'hash' || index.tokens.length === width,
    'the vocabulary is not as wide as it says',
  );

const carried = z.object({
  version: z.literal(carriedVersion),
  sklearnVersion: z.string().max(50).optional(),
  task: z.enum(['classifier', 'regressor', 'transformer', 'clusterer', 'outlier-detector']),
  inputs: z
    .array(
      z.object({
        name: z.string(),
        tensor: z.string(),
        dtype: z.enum(['float64', 'string']),
        shape,
        features: words.exactOptional(),
        allowsMissing: z.boolean(),
        categories: z.array(label.nullable()).exactOptional(),
        text: textStage.exactOptional(),
      }),
    )
    .min(1),
  unused: z.array(z.object({ name: z.string(), at: z.int().min(0) })).exactOptional(),
  outputs: z.array(
    z.object({
      name: z.string(),
      dtype: z.enum(['float64', 'int64', 'string', 'bool']),
      shape,
    }),
  ),
  classes: z.array(label).exactOptional(),
  classLists: z.array(z.array(label)).exactOptional(),
  coupling: z.object({ from: z.string(), to: z.string(), classes: z.int().min(2) }).exactOptional(),
});

/** What `fovea convert` wrote beside a graph: how the model that it was made of is served. */
export interface CarriedSignature {
  readonly signature: Signature;
  readonly sklearnVersion: string | undefined;
}

/**
 * Reads `fovea.signature` of a file's metadata, which anybody may have written: nothing of it is trusted but what fits the graph.
 * @throws FoveaError MODEL_INVALID.
 */
export function carriedSignature(
  metadata: ReadonlyMap<string, string>,
  declared: DeclaredSignature,
): CarriedSignature | undefined {
  const text = metadata.get('fovea.signature');
  if (text === undefined) return undefined;
  const { sklearnVersion, version: _, ...signature } = read(text);
  const problem = mismatch(signature, declared);
  if (problem !== undefined) throw unfit(problem);
  return { signature, sklearnVersion };
}

function read(text: string): z.infer<typeof carried> {
  if (text.length > mostCharacters)
    throw unfit(`it has ${text.length} characters, at most ${mostCharacters} are read`);
  if (text.includes('\\u0000')) throw unfit('it holds a NUL');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unfit('it is no JSON');
  }
  const { data, error } = carried.safeParse(value);
  if (data) return data;
  const [issue] = error.issues;
  throw unfit(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** Where it speaks of another graph. */
function mismatch(signature: Signature, declared: DeclaredSignature): string | undefined {
  const { inputs, outputs, coupling, classes } = signature;
  const told = inputs.flatMap(({ tensor, dtype, text }) =>
    text ? [`${text.ids} int64`, `${text.counts} float64`] : [`${tensor} ${dtype}`],
  );
  const typed = ({ name, dtype }: { readonly name: string; readonly dtype: string }) =>
    `${name} ${dtype}`;
  if (!sameNames(told, declared.inputs.map(typed))) return 'the graph has other inputs';
  if (!sameNames(outputs.map(typed), declared.outputs.map(typed)))
    return 'the graph has other outputs';
  const stranger = inputs.find(({ name, text }) => text && text.input !== name);
  if (stranger)
    return `the texts of ${JSON.stringify(stranger.name.slice(0, 100))} are another column's`;
  if (!coupling) return undefined;
  const pairs = (coupling.classes * (coupling.classes - 1)) / 2;
  const from = declared.outputs.find(({ name }) => name === coupling.from);
  return from?.shape[1] === pairs && classes?.length === coupling.classes
    ? undefined
    : 'its pairs of classes do not fit';
}

function sameNames(some: readonly string[], others: readonly string[]): boolean {
  return JSON.stringify(some.toSorted()) === JSON.stringify(others.toSorted());
}

function unfit(problem: string): FoveaError {
  return new FoveaError(
    'MODEL_INVALID',
    `The file's metadata has a fovea.signature that does not fit its graph (${problem}); convert the model again, or take the entry out.`,
    { reason: problem.slice(0, 500) },
  );
}
