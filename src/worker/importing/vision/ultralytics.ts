import { FoveaError } from '../../../errors.ts';
import type { DeclaredSignature } from '../../../import/onnx/declared-signature.ts';
import { pythonNames } from './python-names.ts';
import type { LayoutName, VisionHints } from './vision-hints.ts';

/** What an export of Ultralytics says of itself. More than one layout: they look different, and the shapes show which it is. */
export interface UltralyticsFacts {
  readonly hints: VisionHints;
  readonly layouts: readonly LayoutName[];
  /** Values after the classes, or after the six of a finished row. */
  readonly extra: number;
  /** For the report. */
  readonly notes: readonly string[];
}

type Metadata = ReadonlyMap<string, string>;

/**
 * Reads the metadata that `yolo export format=onnx` writes (task, names, imgsz, end2end, head, args), or those of the
 * yolov5 repository (stride and names alone, always with objectness). undefined when the file has neither.
 * @param asked what the upload says the model is for
 * @throws FoveaError MODEL_INVALID for tasks that are not served, by name
 */
export function ultralyticsFacts(
  metadata: Metadata,
  declared: DeclaredSignature,
  asked: string | undefined,
): UltralyticsFacts | undefined {
  const labels = pythonNames(metadata.get('names'));
  if (labels === undefined || !metadata.has('stride')) return undefined;
  const task = metadata.get('task');
  if (task === undefined)
    return { hints: { task: 'detect', labels }, layouts: ['yolov5'], extra: 0, notes: [] };
  refuseTask(task, asked);
  const hints: VisionHints = {
    task: task === 'classify' ? 'classify' : 'detect',
    labels,
    input: { ...sizeOf(metadata), ...channelsOf(metadata) },
  };
  if (task === 'classify') return { hints, layouts: ['classes'], extra: 0, notes: [] };
  const extra = extraValues(task, metadata, declared);
  const notes =
    task === 'detect' ? [] : [`The model is for ${task}; its boxes are read, and nothing else.`];
  return { hints, layouts: layoutsOf(metadata), extra, notes };
}

function layoutsOf(metadata: Metadata): LayoutName[] {
  const description = metadata.get('description') ?? '';
  const transformer = metadata.get('head') === 'RTDETRDecoder' || /\brt-?detr/i.test(description);
  // Newer versions finish the rows, older ones leave a score per class.
  if (transformer) return ['ultralytics-rtdetr', 'rt-detr'];
  const suppressed = /'nms': True/.test(metadata.get('args') ?? '');
  const end2end = metadata.get('end2end');
  // The first versions with YOLOv10 exported it end-to-end without saying so.
  const finished = end2end === undefined ? /yolov10/i.test(description) : end2end === 'True';
  return suppressed || finished ? ['yolo-end2end'] : ['yolov8'];
}

const boxTasks = new Set(['detect', 'segment', 'pose']);

function refuseTask(task: string, asked: string | undefined): void {
  if (task === 'detect' || task === 'classify') {
    if (asked === undefined || asked === task) return;
    throw invalid(
      `The file is a model for ${task}, as its metadata say, and not for ${asked}; leave the task out, or send another file.`,
      task,
    );
  }
  if (boxTasks.has(task) && asked === 'detect') return;
  throw invalid(
    boxTasks.has(task)
      ? `The file is a model for ${task}. Of these, only the boxes are read: say so with task=detect (--task detect), or export a model for detect.`
      : `The file is a model for ${task.slice(0, 40)}, which is not served: detect and classify are. Export a model for one of them.`,
    task,
  );
}

function extraValues(task: string, metadata: Metadata, { outputs }: DeclaredSignature): number {
  if (task === 'pose') {
    const [, points = '0', values = '0'] =
      /^\s*\[\s*(\d+)\s*,\s*(\d+)\s*\]/.exec(metadata.get('kpt_shape') ?? '') ?? [];
    return Number(points) * Number(values);
  }
  // The prototypes of masks come second; each has one coefficient.
  const masks = task === 'segment' ? outputs[1]?.shape[1] : 0;
  return typeof masks === 'number' ? masks : 0;
}

/** `imgsz` is height, width. */
function sizeOf(metadata: Metadata): { width?: number; height?: number } {
  const [, height, width] =
    /^\s*\[\s*(\d{1,5})\s*,\s*(\d{1,5})\s*\]\s*$/.exec(metadata.get('imgsz') ?? '') ?? [];
  if (height === undefined || width === undefined) return {};
  return { width: Number(width), height: Number(height) };
}

function channelsOf(metadata: Metadata): { channels?: 'gray' } {
  return metadata.get('channels') === '1' ? { channels: 'gray' } : {};
}

function invalid(message: string, task: string): FoveaError {
  return new FoveaError('MODEL_INVALID', message, { model_task: task.slice(0, 40) });
}
