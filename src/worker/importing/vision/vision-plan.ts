import { FoveaError } from '../../../errors.ts';
import type { DeclaredSignature, DeclaredValue } from '../../../import/onnx/declared-signature.ts';
import { modelManifest, type ImageInput } from '../../../protocol/model-manifest.ts';
import type { VisionSpec, VisionTask } from '../../../protocol/vision-spec.ts';
import { layouts } from './layouts.ts';
import type { UltralyticsFacts } from './ultralytics.ts';
import { layoutName, type LayoutName, type VisionHints } from './vision-hints.ts';

/** One way of reading the model, to be tried. */
export interface VisionCandidate {
  /** As the report names it. */
  readonly layout: LayoutName | 'output';
  readonly spec: VisionSpec;
}

const { shape } = modelManifest;

const tasks: Readonly<Record<'detect' | 'classify', VisionTask>> = {
  detect: 'object-detection',
  classify: 'image-classification',
};

/**
 * What the model may be by what is said of it. Shapes add nothing here but the size of the input: they decide
 * afterwards which candidate is true.
 * @throws FoveaError MODEL_INVALID saying what has to be said
 */
export function visionCandidates(
  declared: DeclaredSignature,
  hints: VisionHints,
  facts: UltralyticsFacts | undefined,
): VisionCandidate[] {
  const { task } = hints;
  if (task === undefined)
    throw invalid('Nothing says what the model is for: send task=detect or task=classify.');
  const { labels } = hints;
  if (labels === undefined)
    throw invalid(
      `Nothing names the model's classes: send them in the metadata, {"vision": {"labels": ["helmet", "vest"]}}, in the model's order, or as a file with --labels.`,
    );
  const named = hints.layout ? [hints.layout] : task === 'classify' ? [] : (facts?.layouts ?? []);
  const chosen = hints.output
    ? []
    : named.length > 0 || task === 'detect'
      ? named
      : ['classes' as const];
  if (chosen.length === 0 && !hints.output)
    throw invalid(
      `Nothing says how the model's outputs (${outputNames(declared).join(', ')}) are to be read, and Fovea does not guess from shapes: send {"vision": {"layout": "…"}} in the metadata (--layout), one of ${layoutName.options.join(', ')}, or the whole \`output\` as docs/detection.md has it.`,
    );
  const spec = (layout: LayoutName | undefined, output: VisionSpec['output']): VisionSpec => ({
    task: tasks[task],
    input: inputOf(declared, hints, layout),
    output,
    labels,
    thresholds: shape.thresholds.parse({
      ...layouts[layout ?? 'yolov8'].thresholds,
      ...hints.thresholds,
    }),
  });
  if (hints.output) return [{ layout: 'output', spec: spec(hints.layout, hints.output) }];
  const found = chosen.flatMap((layout): VisionCandidate[] => {
    const output = layouts[layout].output(outputNames(declared), facts?.extra ?? 0);
    return output ? [{ layout, spec: spec(layout, output) }] : [];
  });
  if (found.length > 0) return found;
  throw invalid(
    `The layout ${chosen.join(' or ')} does not fit the names of the model's outputs (${outputNames(declared).join(', ')}); say which is which in \`output\`, as docs/detection.md has it.`,
  );
}

function outputNames({ outputs }: DeclaredSignature): string[] {
  return outputs.map(({ name }) => name);
}

function inputOf(
  { inputs }: DeclaredSignature,
  { input: said = {} }: VisionHints,
  layout: LayoutName | undefined,
): ImageInput {
  const [value, ...others] = inputs;
  if (!value || others.length > 0)
    throw invalid(
      `The model has ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}); export it with one, the picture.`,
    );
  if (value.dtype !== 'float32')
    throw invalid(
      `The input ${value.name} is ${value.dtype}; float32 is needed. Export it without half precision or quantised inputs.`,
    );
  const base = layout && layouts[layout].input;
  const { mean = base?.mean, std = base?.std, channels = base?.channels, ...rest } = said;
  if (mean === undefined || std === undefined || channels === undefined)
    throw invalid(
      'Nothing says what the model expects of pixels: send {"vision": {"input": {"channels": "rgb", "mean": 0, "std": 255}}} in the metadata; a value v (0 to 255) becomes (v - mean) / std.',
    );
  return shape.input.parse({
    fit: 'letterbox',
    pad: 114,
    ...base,
    ...rest,
    ...sizeOf(value, said, channels),
    name: value.name,
    channels,
    mean: triple(mean),
    std: triple(std),
  });
}

function triple(value: number | ImageInput['mean']): ImageInput['mean'] {
  return typeof value === 'number' ? [value, value, value] : value;
}

type Sized = Pick<ImageInput, 'width' | 'height' | 'layout'>;

/** From the file where it is fixed, from what is said where it is free. */
function sizeOf(
  { name, shape: dims }: DeclaredValue,
  said: NonNullable<VisionHints['input']>,
  channels: ImageInput['channels'],
): Sized {
  const depth = channels === 'gray' ? 1 : 3;
  const fits = (dim: unknown): boolean => typeof dim !== 'number' || dim === depth;
  const [batch, second, third, fourth] = dims;
  const layout = said.layout ?? (second !== depth && fourth === depth ? 'nhwc' : 'nchw');
  const [high, wide, deep] = layout === 'nchw' ? [third, fourth, second] : [second, third, fourth];
  const shown = `${name} is [${dims.map((dim) => dim ?? '?').join(', ')}]`;
  if (dims.length !== 4 || !fits(deep))
    throw invalid(
      `The input ${shown}; a picture is [1, ${depth}, height, width] or [1, height, width, ${depth}].`,
    );
  if (typeof batch === 'number' && batch !== 1)
    throw invalid(`The input ${shown}; pictures are run one by one: export it with batch=1.`);
  return {
    layout,
    width: side('width', wide, said.width, shown),
    height: side('height', high, said.height, shown),
  };
}

function side(
  which: 'width' | 'height',
  dim: DeclaredValue['shape'][number] | undefined,
  said: number | undefined,
  shown: string,
): number {
  if (typeof dim === 'number') {
    if (said !== undefined && said !== dim)
      throw invalid(`The input ${shown}, and its ${which} is said to be ${said}.`);
    return dim;
  }
  if (said !== undefined) return said;
  throw invalid(
    `The input ${shown} and leaves its ${which} free: send the size in the metadata, {"vision": {"input": {"width": 640, "height": 640}}}, or export it without dynamic axes.`,
  );
}

function invalid(message: string): FoveaError {
  return new FoveaError('MODEL_INVALID', message);
}
