/** One prediction request as it is kept. Times are milliseconds. */
export interface StoredPrediction {
  /** UUIDv7; its time is the prediction's. */
  readonly id: string;
  /** UUID. */
  readonly modelId: string;
  readonly version: number | null;
  readonly ownerId: string | null;
  readonly at: Date;
  readonly ok: boolean;
  readonly errorCode?: string;
  readonly rows: number;
  readonly cached: boolean;
  readonly latency: {
    readonly queueMs: number;
    readonly loadMs: number;
    readonly inferenceMs: number;
    readonly totalMs: number;
  };
  /** The first rows; values in the order of `features`. */
  readonly inputs: readonly (readonly unknown[])[];
  readonly features: readonly string[];
  readonly outputs: readonly unknown[];
  readonly confidence?: readonly number[];
  readonly predictedClasses?: Readonly<Record<string, number>>;
}
