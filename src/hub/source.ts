import type { HubSettings } from './hub-settings.ts';

export interface LocalFile {
  readonly kind: 'local';
  readonly path: string;
}

export interface RemoteFile {
  readonly kind: 'remote';
  readonly url: URL;
  /** For the URL's own origin only. */
  readonly token?: string | undefined;
  /** What a person may be sent to: the repository's page or the URL, without query. */
  readonly page: string;
}

/** Where a model file can be had. One file per scheme, one line each in `sources.ts`. */
export interface ModelSource {
  /**
   * The file on this machine, or how it is fetched.
   * @param reference what stands behind the scheme's colon in a manifest.
   * @throws FoveaError MODEL_UNAVAILABLE, HUB_URL_INVALID saying why it cannot be had and what to do.
   */
  locate(reference: string, settings: HubSettings): Promise<LocalFile | RemoteFile>;
}
