import type { Want } from '../engine/tasks.ts';
import { FoveaError } from '../errors.ts';
import type { AnalysisPart } from '../protocol/analysis.ts';
import type { ModelTask } from '../protocol/model-manifest.ts';

/** What an analysis holds unless asked otherwise. */
const defaultParts: readonly AnalysisPart[] = [
  'faces',
  'objects',
  'age',
  'gender',
  'emotion',
  'liveness',
];

/** Parts by the model for pictures and texts, which looks at the whole picture by itself. */
export type PicturePart = 'image_embedding' | 'tags';

const isPicturePart = (part: AnalysisPart): part is PicturePart =>
  part === 'image_embedding' || part === 'tags';

/** The models that each part needs. */
const tasksOf: Readonly<Record<AnalysisPart, readonly ModelTask[]>> = {
  faces: ['face-detection'],
  objects: ['object-detection'],
  age: ['face-detection', 'face-attributes'],
  gender: ['face-detection', 'face-attributes'],
  embedding: ['face-detection', 'face-attributes'],
  emotion: ['face-detection', 'face-emotion'],
  liveness: ['face-detection', 'face-liveness'],
  mesh: ['face-detection', 'face-mesh'],
  iris: ['face-detection', 'face-mesh', 'face-iris'],
  image_embedding: ['image-text-embedding'],
  tags: ['image-text-embedding'],
};

export interface PartOptions {
  /** Beside what an analysis holds by default. */
  readonly include?: readonly AnalysisPart[] | undefined;
  /** Instead of what it holds by default. */
  readonly only?: readonly AnalysisPart[] | undefined;
}

export interface ChosenParts {
  readonly want: readonly Want[];
  readonly picture: readonly PicturePart[];
  /** Default parts left out because a model of theirs failed. */
  readonly degraded: readonly AnalysisPart[];
}

/**
 * What to compute. A part that was asked for by name stays, so that its model's failure is answered;
 * a default one is left out and named.
 * @param lost whether no model for a task can be had.
 */
export function chooseParts(
  { include = [], only }: PartOptions,
  lost: (task: ModelTask) => boolean,
): ChosenParts {
  if (only && include.length > 0)
    throw new FoveaError('REQUEST_INVALID', 'Ask with `only` or with `include`, not with both.');
  const asked = new Set<AnalysisPart>([...(only ?? []), ...include]);
  const wanted = new Set<AnalysisPart>([...(only ?? defaultParts), ...include]);
  const degraded = [...wanted].filter((part) => !asked.has(part) && tasksOf[part].some(lost));
  const parts = [...wanted].filter((part) => !degraded.includes(part));
  const want: Want[] = parts.filter((part) => !isPicturePart(part));
  if (parts.some((part) => tasksOf[part].includes('face-detection')) && !want.includes('faces'))
    want.push('faces');
  return { want, picture: parts.filter(isPicturePart), degraded };
}
