import type { ImageInput, ModelManifest } from '../../../protocol/model-manifest.ts';
import type { LayoutName } from './vision-hints.ts';

type Output = ModelManifest['output'];
type Thresholds = ModelManifest['thresholds'];

/** What a layout's name stands for. */
interface Layout {
  /** @throws nothing; undefined when the model has no output of the names it takes. */
  readonly output: (names: readonly string[], extra: number) => Output | undefined;
  readonly input: Omit<ImageInput, 'name' | 'width' | 'height' | 'layout'>;
  readonly thresholds: Thresholds;
}

type Triple = ImageInput['mean'];
const same = (value: number): Triple => [value, value, value];
/** Mean and deviation of ImageNet's pixels in 0 to 255, as torchvision has them for 0 to 1. */
const imagenet = {
  mean: [123.675, 116.28, 103.53] as Triple,
  std: [58.395, 57.12, 57.375] as Triple,
};

/** Ultralytics' LetterBox: gray border, OpenCV's bilinear. */
const yoloInput: Layout['input'] = {
  channels: 'rgb',
  mean: same(0),
  std: same(255),
  fit: 'letterbox',
  pad: 114,
  resample: 'linear',
};
const stretched: Layout['input'] = { ...yoloInput, fit: 'stretch', pad: 0 };
/** RangiLyu/nanodet, config/nanodet-plus*.yml: BGR, keep_ratio false; legacy_v0.x_configs/*.yml: true, on black. */
const nanodetInput: Layout['input'] = {
  ...stretched,
  channels: 'bgr',
  mean: [103.53, 116.28, 123.675],
  std: [57.375, 57.12, 58.395],
};
/** `predict` of Ultralytics, and detect.py of yolov5. */
const ultralytics: Thresholds = { score: 0.25, iou: 0.7 };
const yolov5: Thresholds = { score: 0.25, iou: 0.45 };

const anchors = (names: readonly string[], extra: number): Output | undefined => {
  const [predictions] = names;
  if (predictions === undefined) return undefined;
  return { decoder: 'yolo', predictions, objectness: true, order: 'candidates-first', extra };
};

/** The prior names of the outputs, as Hugging Face exports them. */
const named = (names: readonly string[]): { boxes: string; scores: string } | undefined =>
  names.includes('pred_boxes') && names.includes('logits')
    ? { boxes: 'pred_boxes', scores: 'logits' }
    : undefined;

const nanodet =
  (centre: 0 | 0.5, strides: readonly number[]): Layout['output'] =>
  ([joined]) =>
    joined === undefined
      ? undefined
      : {
          decoder: 'nanodet',
          bins: 8,
          centre,
          activation: 'none',
          joined,
          scales: strides.map((stride) => ({ stride })),
        };

export const layouts: Readonly<Record<LayoutName, Layout>> = {
  yolov5: { output: anchors, input: yoloInput, thresholds: yolov5 },
  yolov7: { output: anchors, input: yoloInput, thresholds: yolov5 },
  'yolov7-end2end': {
    output: ([boxes]) =>
      boxes === undefined
        ? undefined
        : { decoder: 'rows', boxes, columns: 'batch-box-class-score', suppress: false },
    input: yoloInput,
    thresholds: yolov5,
  },
  yolov8: {
    output: ([predictions], extra) =>
      predictions === undefined
        ? undefined
        : { decoder: 'yolo', predictions, objectness: false, order: 'candidates-last', extra },
    input: yoloInput,
    thresholds: ultralytics,
  },
  'yolo-end2end': {
    output: ([boxes], extra) =>
      boxes === undefined ? undefined : { decoder: 'rows', boxes, extra, suppress: false },
    input: yoloInput,
    thresholds: ultralytics,
  },
  'ultralytics-rtdetr': {
    output: ([boxes]) =>
      boxes === undefined
        ? undefined
        : { decoder: 'rows', boxes, format: 'cxcywh', scale: 'unit', suppress: false },
    input: stretched,
    thresholds: ultralytics,
  },
  nanodet: {
    output: nanodet(0.5, [8, 16, 32]),
    input: { ...nanodetInput, fit: 'letterbox' },
    thresholds: { score: 0.35, iou: 0.6, most: 100 },
  },
  'nanodet-plus': {
    output: nanodet(0, [8, 16, 32, 64]),
    input: nanodetInput,
    thresholds: { score: 0.35, iou: 0.6, most: 100 },
  },
  detr: {
    output: (names) => {
      const found = named(names);
      return (
        found && { decoder: 'detr', ...found, activation: 'softmax', none: true, take: 'best' }
      );
    },
    input: { ...stretched, ...imagenet, resample: 'area' },
    thresholds: { score: 0.5, iou: 1 },
  },
  // Hugging Face's has two tensors; older exports of Ultralytics one, with probabilities.
  'rt-detr': {
    output: (names) => {
      const found = named(names);
      if (found)
        return { decoder: 'detr', ...found, activation: 'sigmoid', none: false, take: 'all' };
      const [boxes] = names;
      if (boxes === undefined || names.length > 1) return undefined;
      return { decoder: 'detr', boxes, activation: 'none', none: false, take: 'best' };
    },
    input: stretched,
    thresholds: { score: 0.5, iou: 1 },
  },
  classes: {
    output: ([scores]) =>
      scores === undefined ? undefined : { decoder: 'classes', scores, activation: 'none' },
    input: { ...yoloInput, fit: 'crop', pad: 0, resample: 'area' },
    thresholds: { score: 0, iou: 1 },
  },
};
