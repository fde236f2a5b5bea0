import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packNamed } from '../../src/models/packs/index.ts';
import type { ImageTextOutput, ModelManifest } from '../../src/protocol/model-manifest.ts';

/** Where test/fixtures/embeddings/clip_oracle.py put its tiny CLIP. */
const fixtures = new URL('../fixtures/embeddings/', import.meta.url);

/** The layouts of the packs, one graph for both halves, and CLIP's own files of a vocabulary. */
export type ClipLayout = 'hf' | 'immich' | 'combined' | 'vocabulary';

export const clipLayouts: readonly ClipLayout[] = ['hf', 'immich', 'combined', 'vocabulary'];

/** Values of an embedding, and exp of its `logit_scale`. */
export const tinySize = 24;
const tinyScale = 5;

/** The manifest of a published pack, for the tiny CLIP in the same layout. */
export function clipManifest(layout: ClipLayout): ModelManifest {
  const [published] = packNamed(layout === 'immich' ? 'immich-vit-b-32' : 'clip-vit-b-32').models;
  if (published?.output.decoder !== 'image-text') throw new Error('There is no such pack.');
  const { text } = published.output;
  return {
    ...published,
    name: `tiny-${layout}`,
    pack: 'tiny-clip',
    files: filesOf(layout),
    output: { ...published.output, size: tinySize, scale: tinyScale, text: textOf(layout, text) },
  };
}

/** Puts the manifest into a models folder, as a user's own pack. */
export async function writeClipPack(models: string, layout: ClipLayout): Promise<void> {
  const manifest = clipManifest(layout);
  const directory = join(models, manifest.name, manifest.version);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
}

function textOf(layout: ClipLayout, text: ImageTextOutput['text']): ImageTextOutput['text'] {
  const { file: _file, ...sameGraph } = text;
  if (layout === 'combined') return sameGraph;
  if (layout !== 'vocabulary') return text;
  return { ...text, tokenizer: { vocab: 'vocab.json', merges: 'merges.txt' } };
}

function filesOf(layout: ClipLayout): ModelManifest['files'] {
  const named: Readonly<Record<ClipLayout, Readonly<Record<string, string>>>> = {
    hf: {
      'image.onnx': 'vision_model.onnx',
      'text.onnx': 'text_model.onnx',
      'tokenizer.json': 'tokenizer.json',
    },
    immich: {
      'image.onnx': 'visual.onnx',
      'text.onnx': 'textual.onnx',
      'tokenizer.json': 'tokenizer.json',
    },
    combined: { 'model.onnx': 'model.onnx', 'tokenizer.json': 'tokenizer.json' },
    vocabulary: {
      'image.onnx': 'vision_model.onnx',
      'text.onnx': 'text_model.onnx',
      'vocab.json': 'vocab.json',
      'merges.txt': 'merges.txt',
    },
  };
  return Object.entries(named[layout]).map(([path, name]) => ({
    path,
    source: `file:${fileURLToPath(new URL(name, fixtures))}`,
  }));
}
