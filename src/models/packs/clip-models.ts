import type {
  ImageInput,
  ImageTextOutput,
  ModelFile,
  ModelManifest,
} from '../../protocol/model-manifest.ts';
import type { ModelPack } from './model-pack.ts';

/** The group whose one worker has the model for pictures and texts; it ends when nobody uses it. */
const group = 'image-text';

/** OpenAI's statistics of its training pictures (openai/CLIP, clip/clip.py), times 255. */
const MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const STD = [0.26862954, 0.26130258, 0.27577711] as const;
/** CLIP's tokens of a text, and the exp of its `logit_scale`, which training held at 100 at most. */
const TOKENS = 77;
const SCALE = 100;

interface Clip {
  readonly name: string;
  readonly title: string;
  /** `owner/name` on the Hugging Face Hub. */
  readonly repository: string;
  /** How its files are laid out: by Hugging Face's exporter, or by Immich's. */
  readonly layout: 'hf' | 'immich';
  /** Side of the picture that it looks at, and values of an embedding. */
  readonly side: number;
  readonly size: number;
}

const clips: readonly Clip[] = [
  {
    name: 'clip-vit-b-32',
    title: 'CLIP ViT-B/32 of OpenAI',
    repository: 'Xenova/clip-vit-base-patch32',
    layout: 'hf',
    side: 224,
    size: 512,
  },
  {
    name: 'clip-vit-b-16',
    title: 'CLIP ViT-B/16 of OpenAI',
    repository: 'Xenova/clip-vit-base-patch16',
    layout: 'hf',
    side: 224,
    size: 512,
  },
  {
    name: 'clip-vit-l-14',
    title: 'CLIP ViT-L/14 of OpenAI',
    repository: 'Xenova/clip-vit-large-patch14',
    layout: 'hf',
    side: 224,
    size: 768,
  },
  {
    name: 'immich-vit-b-32',
    title: "CLIP ViT-B/32 of OpenAI, Immich's files",
    repository: 'immich-app/ViT-B-32__openai',
    layout: 'immich',
    side: 224,
    size: 512,
  },
  {
    name: 'immich-vit-l-14-336',
    title: "CLIP ViT-L/14 of OpenAI at 336 pixels, Immich's files",
    repository: 'immich-app/ViT-L-14-336__openai',
    layout: 'immich',
    side: 336,
    size: 768,
  },
];

function manifestOf({ name, title, repository, layout, side, size }: Clip): ModelManifest {
  const hf = layout === 'hf';
  return {
    name,
    version: '1',
    task: 'image-text-embedding',
    description: `${title}, ${side} x ${side}: ${size} numbers of an image or a text.`,
    files: hf ? hfFiles(repository) : immichFiles(repository),
    licence: { spdx: 'MIT', holder: 'OpenAI' },
    origin: `https://huggingface.co/${repository}`,
    input: clipInput(hf ? 'pixel_values' : 'image', side),
    output: {
      decoder: 'image-text',
      values: hf ? 'image_embeds' : 'embedding',
      size,
      text: hf ? hfText : immichText,
      scale: SCALE,
    },
    thresholds: { score: 0, iou: 0 },
    pack: name,
    group,
    load: 'lazy',
    warmup: 1,
  };
}

/** The shorter side to the input's, then the middle. */
function clipInput(name: string, side: number): ImageInput {
  const [r, g, b] = MEAN;
  const [sr, sg, sb] = STD;
  return {
    name,
    layout: 'nchw',
    width: side,
    height: side,
    channels: 'rgb',
    mean: [r * 255, g * 255, b * 255],
    std: [sr * 255, sg * 255, sb * 255],
    fit: 'crop',
    pad: 0,
    resample: 'cubic',
    batch: 1,
  };
}

/** Hugging Face's exporter: `onnx/` beside the tokenizer, ids of 64 bits, any number of texts. */
const hfText: ImageTextOutput['text'] = {
  file: 'text.onnx',
  ids: 'input_ids',
  dtype: 'int64',
  mask: 'attention_mask',
  values: 'text_embeds',
  tokens: TOKENS,
  tokenizer: { file: 'tokenizer.json' },
};

function hfFiles(repository: string): ModelFile[] {
  return [
    fileOf(repository, 'image.onnx', 'onnx/vision_model.onnx'),
    fileOf(repository, 'text.onnx', 'onnx/text_model.onnx'),
    fileOf(repository, 'tokenizer.json', 'tokenizer.json'),
  ];
}

/** Immich's exporter: a folder for each half, ids of 32 bits, one text a run, embeddings normalised. */
const immichText: ImageTextOutput['text'] = {
  file: 'text.onnx',
  ids: 'text',
  dtype: 'int32',
  values: 'embedding',
  tokens: TOKENS,
  batch: 1,
  tokenizer: { file: 'tokenizer.json' },
};

function immichFiles(repository: string): ModelFile[] {
  return [
    fileOf(repository, 'image.onnx', 'visual/model.onnx'),
    fileOf(repository, 'text.onnx', 'textual/model.onnx'),
    fileOf(repository, 'tokenizer.json', 'textual/tokenizer.json'),
  ];
}

/** Its digest is what the hub states when it first comes. */
function fileOf(repository: string, path: string, source: string): ModelFile {
  return { path, source: `hf:${repository}@main:${source}` };
}

/** Packs that put pictures and texts into one space: one line of the table above each. */
export const clipPacks: readonly ModelPack[] = clips.map((clip) => ({
  name: clip.name,
  description: `${clip.title}: embeddings of images and texts, zero-shot tags.`,
  models: [manifestOf(clip)],
}));
