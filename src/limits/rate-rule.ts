/** So many requests in a window of time; a window begins with its first request. */
export interface RateRule {
  readonly requests: number;
  readonly windowSeconds: number;
}

/** How one caller or session stands after a request. */
export interface RateStanding {
  /** What is counted: the name of the policy in headers and metrics. */
  readonly policy: 'caller' | 'session';
  readonly rule: RateRule;
  /** Whether the request is within the limit. */
  readonly allowed: boolean;
  /** Requests that are left in the window. */
  readonly remaining: number;
  /** Whole seconds until the window ends, at least 1. */
  readonly resetSeconds: number;
}
