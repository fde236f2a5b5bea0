import { FoveaError } from '../errors.ts';
import { fileSource } from './file-source.ts';
import { npmSource } from './npm-source.ts';
import type { ModelSource } from './source.ts';

const sources = { npm: npmSource, file: fileSource } as const satisfies Record<string, ModelSource>;

/** The local path behind `<scheme>:<reference>`. @throws FoveaError MODEL_UNAVAILABLE. */
export async function locateSource(source: string): Promise<string> {
  const colon = source.indexOf(':');
  const scheme = source.slice(0, colon);
  if (!Object.hasOwn(sources, scheme)) {
    throw new FoveaError(
      'MODEL_UNAVAILABLE',
      `The model file cannot be had: sources start with ${Object.keys(sources).join(':, ')}:, not ${JSON.stringify(scheme)}.`,
    );
  }
  return await sources[scheme as keyof typeof sources].locate(source.slice(colon + 1));
}
