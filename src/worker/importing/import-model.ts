import { constants, copyFile, link, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { FoveaError } from '../../errors.ts';
import type { ImportModelInput, ImportModelOutput } from '../../engine/tabular-tasks.ts';
import type { InputRule, Serving } from '../../protocol/model-version.ts';
import { guardMemory } from '../memory-guard.ts';
import { runtimeWords } from '../runtime-words.ts';
import { writeSteps } from '../serving-steps.ts';
import { Session } from '../session.ts';
import { SteppedSession, type RunnableModel } from '../stepped-session.ts';
import type { Converted, SignatureHints } from './importer.ts';
import { importerFor, knownExtensions } from './importers.ts';
import { proveModel } from './prove-model.ts';
import { importVision, visionPlan, visionUpload } from './vision/vision-import.ts';

/** Converts uploaded files to the model that is served, and runs it before it is accepted. @throws FoveaError MODEL_INVALID. */
export async function importModel(input: ImportModelInput): Promise<ImportModelOutput> {
  await guardMemory(input.processBytes);
  const upload = await visionUpload(input);
  const importer = await importerFor(upload.files);
  if (!importer) {
    const names = input.files.map(({ name }) => JSON.stringify(name)).join(', ');
    throw new FoveaError(
      'MODEL_INVALID',
      `${names}: no format that can be imported; name the file after what it is: ${knownExtensions().join(', ')}.`,
      { accepted: knownExtensions() },
    );
  }
  const converted = await importer.convert(upload.files);
  const plan = visionPlan(converted, upload, input.task);
  await place(converted.model, input.output);
  if (converted.steps) await writeSteps(input.stepsOutput, converted.steps);
  const started = performance.now();
  const session = await openForTrial(input.output, converted);
  const loadMs = performance.now() - started;
  try {
    if (plan) return await importVision(session, plan, converted, { output: input.output, loadMs });
    const hints = completed(converted.hints, userHints(input.metadata));
    const { signature, batching, runMs } = await proveModel(session, converted.declared, hints);
    const { size } = await stat(input.output);
    const trial = { load_ms: rounded(loadMs), run_ms: rounded(runMs), served_bytes: size };
    return {
      format: converted.format ?? importer.format,
      signature,
      serving: servingOf(converted),
      // How many places a text takes depends on the texts beside it, and sums over them on that.
      batching: converted.steps?.texts.length && batching === 'exact' ? 'close' : batching,
      vision: null,
      report: { ...converted.report, trial },
    };
  } finally {
    await session.release();
  }
}

/** A file that is served as it came is not stored twice. */
async function place(model: Converted['model'], output: string): Promise<void> {
  if (model instanceof Uint8Array) return await writeFile(output, model, { flush: true });
  await link(model.path, output).catch(() =>
    copyFile(model.path, output, constants.COPYFILE_FICLONE),
  );
}

/** What has to be stored for predicting; most models need nothing. */
function servingOf({ steps, hints }: Converted): Serving {
  const rules: Record<string, InputRule> = Object.create(null) as Record<string, InputRule>;
  for (const [name, { missing, allowed }] of hints.inputs ?? [])
    if (missing !== undefined || allowed)
      rules[name] = {
        ...(missing === undefined ? {} : { missing }),
        ...(allowed ? { allowed } : {}),
      };
  return {
    ...(steps ? { steps: true } : {}),
    ...(Object.keys(rules).length > 0 ? { rules } : {}),
  };
}

async function openForTrial(path: string, { steps }: Converted): Promise<RunnableModel> {
  try {
    const session = await Session.open(path);
    return steps ? new SteppedSession(session, steps) : session;
  } catch (error) {
    const reason = runtimeWords((error as Error).cause ?? error);
    throw new FoveaError(
      'MODEL_INVALID',
      `The runtime cannot load the model: ${reason} Export it for ONNX Runtime 1.30 (opset 26 or older).`,
      { reason },
    );
  }
}

const given = z.object({
  features: z.array(z.string().min(1).max(200)).max(100_000).optional(),
  classes: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .max(100_000)
    .optional(),
  nullable: z.boolean().optional(),
  targets: z.array(z.string().min(1).max(200)).max(1000).optional(),
});

/** What the user says of the model goes before what the file says, but not against it. */
function completed(found: SignatureHints, given: SignatureHints): SignatureHints {
  const { classes } = found;
  if (found.outputs && classes && given.classes && given.classes.join('\n') !== classes.join('\n'))
    throw new FoveaError(
      'MODEL_INVALID',
      `The model itself names its classes (${classes.slice(0, 5).join(', ')}…), and the metadata name others; leave \`classes\` out, or upload the label encoder with the model.`,
    );
  return { ...found, ...given };
}

function userHints(metadata: ImportModelInput['metadata']): SignatureHints {
  const { data, error } = given.safeParse(metadata);
  if (data)
    return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
  const [issue] = error.issues;
  throw new FoveaError(
    'MODEL_INVALID',
    `The metadata does not fit: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}. \`features\` and \`classes\` are lists of names, \`nullable\` is true or false.`,
  );
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
