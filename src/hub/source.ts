/** Where a model file can be had. One file per scheme, one line each in `sources.ts`. */
export interface ModelSource {
  /**
   * The file's path on this machine.
   * @param reference what stands behind the scheme's colon in a manifest.
   * @throws FoveaError MODEL_UNAVAILABLE saying why it cannot be had and what to do.
   */
  locate(reference: string): Promise<string>;
}
