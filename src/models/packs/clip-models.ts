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

/** A file as the hub has it; digests and sizes as several projects that pin the same files state them. */
interface Pinned {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

interface Clip {
  readonly name: string;
  readonly title: string;
  /** `owner/name@commit` on the Hugging Face Hub. */
  readonly repository: string;
  /** How its files are laid out: by Hugging Face's exporter, or by Immich's. */
  readonly layout: 'hf' | 'immich';
  /** Side of the picture that it looks at, and values of an embedding. */
  readonly side: number;
  readonly size: number;
  readonly image: Pinned;
  readonly text: Pinned;
  readonly tokenizer: Pinned;
}

const clips: readonly Clip[] = [
  {
    name: 'clip-vit-b-32',
    title: 'CLIP ViT-B/32 of OpenAI',
    repository: 'Xenova/clip-vit-base-patch32@d15189d7028b43f1d3e65039190477f6af591c2a',
    layout: 'hf',
    side: 224,
    size: 512,
    image: {
      path: 'onnx/vision_model.onnx',
      sha256: 'fd6e1402a588279d1723c7534d4bcba5bc0b14b47dfab0e46f8c47b8270d7d40',
      bytes: 351_685_709,
    },
    text: {
      path: 'onnx/text_model.onnx',
      sha256: '3f6571f5bad13a97c469c1622e1cfc4d9aef78b79fdbfcff804ca357bfada8cc',
      bytes: 254_058_553,
    },
    tokenizer: {
      path: 'tokenizer.json',
      sha256: 'f7f3b7af117d467b58374797691a6438d3e6b9e9cef800dfd5dced7f697a90cd',
      bytes: 2_224_119,
    },
  },
  {
    name: 'immich-vit-b-32',
    title: "CLIP ViT-B/32 of OpenAI, Immich's files",
    repository: 'immich-app/ViT-B-32__openai@a857c8de2c07bbcfa6646adfcf31b798845afa1e',
    layout: 'immich',
    side: 224,
    size: 512,
    image: {
      path: 'visual/model.onnx',
      sha256: '33a3df41ceef21acdf371af00f6dd0456ec1f9eba24d03a7720f9c3734e40859',
      bytes: 351_613_724,
    },
    text: {
      path: 'textual/model.onnx',
      sha256: 'b80cf0af751533a6712d92247f0ddc0c95208748bc59a1a27f33e67be6864e3b',
      bytes: 254_193_396,
    },
    tokenizer: {
      path: 'textual/tokenizer.json',
      sha256: '6d9109cc838977f3ca94a379eec36aecc7c807e1785cd729660ca2fc0171fb35',
      bytes: 3_642_073,
    },
  },
];

function manifestOf(clip: Clip): ModelManifest {
  const { name, title, repository, layout, side, size } = clip;
  const hf = layout === 'hf';
  return {
    name,
    version: '1',
    task: 'image-text-embedding',
    description: `${title}, ${side} x ${side}: ${size} numbers of an image or a text.`,
    files: [
      fileOf(repository, 'image.onnx', clip.image),
      fileOf(repository, 'text.onnx', clip.text),
      fileOf(repository, 'tokenizer.json', clip.tokenizer),
    ],
    licence: { spdx: 'MIT', holder: 'OpenAI' },
    origin: `https://huggingface.co/${repository.replace(/@.*/, '')}`,
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

function fileOf(repository: string, name: string, { path, ...pins }: Pinned): ModelFile {
  return { path: name, source: `hf:${repository}:${path}`, ...pins };
}

/** Packs that put pictures and texts into one space: one line of the table above each. */
export const clipPacks: readonly ModelPack[] = clips.map((clip) => ({
  name: clip.name,
  description: `${clip.title}: embeddings of images and texts, zero-shot tags.`,
  models: [manifestOf(clip)],
}));
