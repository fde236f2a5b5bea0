import { FoveaError } from '../errors.ts';
import type { ModelStatus } from '../protocol/model.ts';
import type { ImageTextOutput, ModelManifest } from '../protocol/model-manifest.ts';
import { packs } from '../models/packs/index.ts';

/** The models of this server, as far as embeddings need them: what `ModelRegistry` is. */
export interface EmbeddingModelDirectory {
  list(): readonly Pick<ModelStatus, 'name' | 'task' | 'pack' | 'digest'>[];
  manifestOf(name: string): ModelManifest;
  /** Does `work` while the model is loaded. */
  use<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** The model in use. Embeddings of different digests must not be compared. */
export interface EmbeddingModel {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly group: string;
  readonly output: ImageTextOutput;
}

/**
 * The model of the pack.
 * @throws FoveaError MODEL_UNAVAILABLE saying what to do, without a pack or when nothing of it is known
 */
export function embeddingModel(
  directory: EmbeddingModelDirectory,
  pack: string | undefined,
): EmbeddingModel {
  if (pack === undefined)
    throw new FoveaError(
      'MODEL_UNAVAILABLE',
      'No model for embeddings of images and texts is in use: run `fovea setup clip-vit-b-32` and start the server with FOVEA_CLIP_PACK=clip-vit-b-32.',
      { setting: 'FOVEA_CLIP_PACK' },
    );
  const known = directory
    .list()
    .find((model) => model.task === 'image-text-embedding' && model.pack === pack);
  if (!known) throw noSuchPack(pack);
  const { name, version, group, output } = directory.manifestOf(known.name);
  if (output.decoder === 'image-text')
    return { name, version, digest: known.digest, group, output };
  throw new FoveaError(
    'MODEL_INVALID',
    `The manifest of ${name} has the decoder ${output.decoder}; image-text-embedding needs image-text.`,
  );
}

function noSuchPack(pack: string): FoveaError {
  const supported = packs
    .filter(({ models }) => models.some(({ task }) => task === 'image-text-embedding'))
    .map(({ name }) => name);
  const sigmoid = /siglip/i.test(pack)
    ? ' SigLIP compares by a sigmoid and has tokens of its own, which are not supported.'
    : '';
  return new FoveaError(
    'MODEL_UNAVAILABLE',
    `FOVEA_CLIP_PACK is ${JSON.stringify(pack)}, and there is no such pack.${sigmoid} Use ${supported.join(' or ')}, which \`fovea setup\` brings, or put a manifest of a CLIP model with that pack into the models folder.`,
    { setting: 'FOVEA_CLIP_PACK', pack, supported },
  );
}
