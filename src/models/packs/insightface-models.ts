import type { ImageInput, ModelFile, ModelManifest } from '../../protocol/model-manifest.ts';

/**
 * Manifests of InsightFace's models: layouts after its Python package (model_zoo/scrfd.py, arcface_onnx.py, attribute.py,
 * landmark.py, inswapper.py), names of nodes as others who run the files state them. A name that is wrong is found by the
 * warm-up, which then refuses the model.
 */

/** Which pack a model belongs to and which workers have it. */
export interface Place {
  readonly pack: string;
  readonly group: string;
  readonly load: 'eager' | 'lazy';
}

type Part = Pick<ModelManifest, 'task' | 'description' | 'input' | 'output'> &
  Partial<Pick<ModelManifest, 'thresholds'>>;

/** Names of the output nodes for strides 8, 16 and 32 (SthPhoenix/InsightFace-REST, model_zoo). */
export interface DetectorNodes {
  readonly scores: readonly [string, string, string];
  readonly boxes: readonly [string, string, string];
  readonly points: readonly [string, string, string];
}

export const nodesOf10g: DetectorNodes = {
  scores: ['448', '471', '494'],
  boxes: ['451', '474', '497'],
  points: ['454', '477', '500'],
};
export const nodesOf2g: DetectorNodes = {
  scores: ['446', '466', '486'],
  boxes: ['449', '469', '489'],
  points: ['452', '472', '492'],
};
export const nodesOf500m: DetectorNodes = {
  scores: ['443', '468', '493'],
  boxes: ['446', '471', '496'],
  points: ['449', '474', '499'],
};

const strides = [8, 16, 32] as const;

/** SCRFD with five points. A second look at 128 x 128 finds faces that fill the picture (insightface 1.0; #1518). */
export function detector(place: Place, file: ModelFile, nodes: DetectorNodes): ModelManifest {
  return manifest(place, 'detection', file, {
    task: 'face-detection',
    description: 'SCRFD, 640 x 640 and 128 x 128: face boxes with five points.',
    input: {
      ...square('input.1', 640, 127.5, 128),
      fit: 'top-left',
      passes: [{ width: 128, height: 128 }],
      batch: 1,
    },
    output: {
      decoder: 'scrfd',
      scales: strides.map((stride, index) => ({
        stride,
        anchors: 2,
        scores: nodes.scores[index] ?? '',
        boxes: nodes.boxes[index] ?? '',
        points: nodes.points[index] ?? '',
      })),
    },
    thresholds: { score: 0.5, iou: 0.4 },
  });
}

/** ArcFace. The cut of 0.4 is InsightFace's own server's; at 0.4078 w600k_r50 takes one stranger in a million for the same. */
export function recogniser(place: Place, file: ModelFile, node: string): ModelManifest {
  return manifest(place, 'recognition', file, {
    task: 'face-embedding',
    description: 'ArcFace, 112 x 112: 512 numbers by which a face is known again.',
    input: {
      ...square('input.1', 112, 127.5, 127.5),
      cut: { kind: 'template', template: 'arcface-112' },
    },
    output: { decoder: 'embedding', values: node, size: 512 },
    thresholds: { score: 0.5, iou: 0.4, match: 0.4 },
  });
}

/** The three below normalise in their graphs (mean 0, std 1 outside) and look at the upright square around a box. */
export function attributes(place: Place, file: ModelFile): ModelManifest {
  return manifest(place, 'attributes', file, {
    task: 'face-attributes',
    description: 'InsightFace genderage, 96 x 96: age and gender.',
    input: upright(96),
    output: { decoder: 'gender-age', values: 'fc1' },
  });
}

export function points106(place: Place, file: ModelFile): ModelManifest {
  return manifest(place, 'points-106', file, {
    task: 'face-landmarks',
    description: 'InsightFace 2d106det, 192 x 192: 106 points on a face.',
    input: upright(192),
    output: { decoder: 'landmarks', points: 'fc1', count: 106, dimensions: 2 },
  });
}

export function points68(place: Place, file: ModelFile): ModelManifest {
  return manifest(place, 'points-68', file, {
    task: 'face-landmarks',
    description: 'InsightFace 1k3d68, 192 x 192: 68 points in space and the pose of the head.',
    input: upright(192),
    output: { decoder: 'landmarks', points: 'fc1', count: 68, dimensions: 3 },
  });
}

/** @param embedder SHA-256 of the one recogniser whose embeddings it understands */
export function swapper(place: Place, file: ModelFile, embedder: string): ModelManifest {
  return manifest(place, 'swap', file, {
    task: 'face-swap',
    description: 'inswapper_128: puts one face in the place of another.',
    input: {
      ...square('target', 128, 0, 255),
      batch: 1,
      cut: { kind: 'template', template: 'arcface-128' },
    },
    output: { decoder: 'swapped-face', picture: 'output', source: 'source', size: 512, embedder },
  });
}

function manifest(place: Place, part: string, file: ModelFile, rest: Part): ModelManifest {
  return {
    name: `${place.pack}-${part}`,
    version: '0.7',
    files: [file],
    licence: { spdx: 'LicenseRef-InsightFace-non-commercial', holder: 'InsightFace' },
    origin: 'https://github.com/deepinsight/insightface/tree/master/model_zoo',
    thresholds: { score: 0.5, iou: 0.4 },
    ...place,
    ...rest,
    warmup: 1,
  };
}

function upright(side: number): ImageInput {
  return { ...square('data', side, 0, 1), cut: { kind: 'upright', context: 1.5 } };
}

/** RGB, channels first, resized as OpenCV does. */
function square(name: string, side: number, mean: number, std: number): ImageInput {
  return {
    name,
    layout: 'nchw',
    width: side,
    height: side,
    channels: 'rgb',
    mean: [mean, mean, mean],
    std: [std, std, std],
    fit: 'stretch',
    pad: 0,
    resample: 'linear',
  };
}
