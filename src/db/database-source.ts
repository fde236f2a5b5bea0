/** How to reach a PostgreSQL server: a socket directory or host name in `host`. */
export interface ConnectionTarget {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** Instead of the above, a `postgres://` URL. */
  readonly connectionString?: string;
}

/** Where the database comes from: our own process, or somebody's server. */
export interface DatabaseSource {
  /** For logs and messages; never a secret. */
  readonly name: string;
  /** Makes the server run if that is ours to do. Idempotent; again after a failure or a loss. */
  start(signal: AbortSignal): Promise<ConnectionTarget>;
  /** Idempotent. */
  stop(): Promise<void>;
  /** Called each time that a server which ran is found to be gone. */
  onLost(listener: (reason: string) => void): void;
}
