import { ConfigError, type Config } from '../config.ts';
import { EmbeddingService, type EmbeddingServiceOptions } from '../embeddings/embedding-service.ts';
import { readTagLabels } from '../embeddings/tag-labels.ts';

/** Embeddings of images and texts, zero-shot labels and tags. @throws ConfigError as `tagLabels`. */
export function composeEmbeddings(
  config: Config,
  parts: Pick<EmbeddingServiceOptions, 'engine' | 'models'>,
): EmbeddingService {
  return new EmbeddingService({
    ...parts,
    pack: config.FOVEA_CLIP_PACK,
    labels: tagLabels(config),
    limits: { maxPixels: config.FOVEA_MAX_IMAGE_PIXELS, formats: config.FOVEA_IMAGE_FORMATS },
    timeoutMs: config.FOVEA_REQUEST_TIMEOUT,
  });
}

/** What tags are chosen from. @throws ConfigError for a file of labels that is none. */
export function tagLabels({ FOVEA_TAG_LABELS: file }: Config): readonly string[] {
  try {
    return readTagLabels(file);
  } catch (error) {
    throw new ConfigError([
      `FOVEA_TAG_LABELS: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}
