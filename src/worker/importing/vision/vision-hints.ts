import { z } from 'zod';
import { FoveaError } from '../../../errors.ts';
import { modelManifest } from '../../../protocol/model-manifest.ts';

/** Layouts that have a name; any other is said as a manifest says it, in `output`. */
export const layoutName = z.enum([
  'yolov5',
  'yolov7',
  'yolov7-end2end',
  'yolov8',
  'yolo-end2end',
  'ultralytics-rtdetr',
  'nanodet',
  'nanodet-plus',
  'detr',
  'rt-detr',
  'classes',
]);
export type LayoutName = z.infer<typeof layoutName>;

const { input, output, thresholds } = modelManifest.shape;
const number = z.number();
const channels = z.union([number, z.tuple([number, number, number])]);

/** What a person or an exporter says of a model that looks at pictures; `manifest.json` of the catalog fits too. */
const visionHints = z.object({
  task: z
    .enum(['detect', 'classify', 'object-detection', 'image-classification'])
    .transform((task) => (task === 'object-detection' ? 'detect' : task))
    .transform((task) => (task === 'image-classification' ? 'classify' : task))
    .optional(),
  layout: layoutName.optional(),
  output: output.optional(),
  input: input
    .omit({ cut: true, passes: true, batch: true })
    .extend({ mean: channels, std: channels })
    .partial()
    .optional(),
  labels: z.array(z.string().min(1).max(200)).min(1).max(100_000).optional(),
  thresholds: thresholds.partial().optional(),
});
export type VisionHints = z.infer<typeof visionHints>;

/** @throws FoveaError MODEL_INVALID naming what does not fit. */
export function parseHints(value: unknown, where: string): VisionHints {
  const { data, error } = visionHints.safeParse(value);
  if (data) return data;
  const [issue] = error.issues;
  throw new FoveaError(
    'MODEL_INVALID',
    `${where} does not fit: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}. It may hold task, layout (${layoutName.options.join(', ')}), output, input, labels and thresholds, as docs/detection.md has them.`,
  );
}

/** The first one that says something goes before the others, value by value. */
export function joinHints(...all: readonly VisionHints[]): VisionHints {
  return all.toReversed().reduce<VisionHints>(
    (joined, hints) => ({
      ...joined,
      ...withoutGaps(hints),
      // Whoever names a layout means no other output, and the other way round.
      ...(hints.layout && !hints.output ? { output: undefined } : {}),
      ...(hints.output && !hints.layout ? { layout: undefined } : {}),
      input: { ...joined.input, ...withoutGaps(hints.input ?? {}) },
      thresholds: { ...joined.thresholds, ...withoutGaps(hints.thresholds ?? {}) },
    }),
    {},
  );
}

function withoutGaps<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, held]) => held !== undefined),
  ) as Partial<T>;
}
