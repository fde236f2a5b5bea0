import { readFile, stat } from 'node:fs/promises';
import { FoveaError } from '../../../errors.ts';
import type { ImportModelInput, ImportModelOutput } from '../../../engine/tabular-tasks.ts';
import { archiveNames } from '../../../hub/archive-names.ts';
import { foreignFormat } from '../../../import/foreign-format.ts';
import type { RunnableModel } from '../../stepped-session.ts';
import type { Converted, SourceFiles } from '../importer.ts';
import { proveVision } from './prove-vision.ts';
import { ultralyticsFacts } from './ultralytics.ts';
import { joinHints, parseHints, type VisionHints } from './vision-hints.ts';
import { visionCandidates, type VisionCandidate } from './vision-plan.ts';

const manifestName = 'manifest.json';
const mostManifestBytes = 5_000_000;

/** What an upload says of a model that looks at pictures, besides its ONNX file. */
export interface VisionUpload {
  /** The files without the manifest. */
  readonly files: SourceFiles;
  readonly hints: VisionHints;
}

/** What is to be tried on the session, and what the report says of it. */
export interface VisionPlan {
  readonly candidates: readonly [VisionCandidate, ...VisionCandidate[]];
  readonly notes: readonly string[];
}

/**
 * Takes what is said of pictures out of an upload: the field `task`, `vision` in its metadata, a `manifest.json` beside an
 * ONNX file.
 * @throws FoveaError MODEL_INVALID for formats that are known and not served, saying what to do.
 */
export async function visionUpload(input: ImportModelInput): Promise<VisionUpload> {
  await refuseForeign(input.files);
  const beside = input.files.some(({ name }) => name.toLowerCase().endsWith('.onnx'));
  const manifest = beside ? input.files.find(({ name }) => name === manifestName) : undefined;
  const { vision, classes } = input.metadata;
  const said = [
    input.task === 'detect' || input.task === 'classify' ? { task: input.task } : {},
    vision === undefined ? {} : parseHints(vision, '`vision` in the metadata'),
    ...(manifest ? [parseHints(await jsonOf(manifest.path), manifestName)] : []),
    // Classes of a table are another thing; here they are the labels.
    input.task === 'detect' || input.task === 'classify' || vision !== undefined
      ? parseHints({ labels: classes }, '`classes` in the metadata')
      : {},
  ];
  return { files: input.files.filter((file) => file !== manifest), hints: joinHints(...said) };
}

/** By the names of the files and of what is in them, when they are archives. */
async function refuseForeign(files: SourceFiles): Promise<void> {
  const inside = (await Promise.all(files.map(({ path }) => archiveNames(path)))).flat();
  const foreign = foreignFormat([...files.map(({ name }) => name), ...inside]);
  if (foreign)
    throw new FoveaError(
      'MODEL_INVALID',
      `This is a ${foreign.format}, which is not served; ${foreign.advice}.`,
      { format: foreign.format },
    );
  const packed = inside.find((name) => name.toLowerCase().endsWith('.onnx'));
  if (packed !== undefined)
    throw new FoveaError(
      'MODEL_INVALID',
      `The archive has ${JSON.stringify(packed.slice(0, 200))} in it; unpack it and send that file.`,
    );
}

/**
 * How to read the file as a model of pictures; undefined when nothing says that it is one.
 * @throws FoveaError MODEL_INVALID saying what has to be said.
 */
export function visionPlan(
  { metadata, declared }: Converted,
  { hints }: VisionUpload,
  asked: ImportModelInput['task'],
): VisionPlan | undefined {
  if (asked === 'predict') return undefined;
  const facts = metadata && ultralyticsFacts(metadata, declared, hints.task);
  const own = ownHints(metadata);
  if (!facts && !own && hints.task === undefined && !hints.layout && !hints.output)
    return undefined;
  const known = joinHints(hints, own ?? {}, facts?.hints ?? {});
  const [first, ...others] = visionCandidates(declared, known, facts);
  if (!first) return undefined;
  return { candidates: [first, ...others], notes: facts?.notes ?? [] };
}

/** Runs the model and describes it. @throws FoveaError MODEL_INVALID. */
export async function importVision(
  session: RunnableModel,
  { candidates, notes }: VisionPlan,
  { declared, report, format = 'onnx' }: Converted,
  { output, loadMs }: { readonly output: string; readonly loadMs: number },
): Promise<ImportModelOutput> {
  const { candidate, runMs, shapes } = await proveVision(session, candidates);
  const { size } = await stat(output);
  return {
    format,
    signature: {
      inputs: declared.inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape: [...shape] })),
      outputs: declared.outputs.map(({ name, dtype }) => ({
        name,
        dtype,
        shape: [...(shapes[name] ?? [])],
        role: 'value' as const,
      })),
      classes: [...(candidate.spec.labels ?? [])],
    },
    serving: {},
    batching: 'single',
    vision: candidate.spec,
    report: {
      ...report,
      layout: candidate.layout,
      ...(notes.length > 0 ? { notes } : {}),
      trial: { load_ms: rounded(loadMs), run_ms: rounded(runMs), served_bytes: size },
    },
  };
}

/** `fovea.vision` in the file's own metadata. */
function ownHints(metadata: ReadonlyMap<string, string> | undefined): VisionHints | undefined {
  const text = metadata?.get('fovea.vision');
  if (text === undefined) return undefined;
  return parseHints(parsed(text, '`fovea.vision` in the file'), '`fovea.vision` in the file');
}

async function jsonOf(path: string): Promise<unknown> {
  const { size } = await stat(path);
  if (size > mostManifestBytes)
    throw new FoveaError(
      'MODEL_INVALID',
      `${manifestName} has ${size} bytes; at most ${mostManifestBytes} are read.`,
    );
  return parsed(await readFile(path, 'utf8'), manifestName);
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new FoveaError('MODEL_INVALID', `${what} is no JSON.`);
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
