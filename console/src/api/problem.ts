/** What the API answers instead of a result: the one error shape, or that nothing answered at all. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  /** Seconds after which the same request may succeed, when the server said so. */
  readonly retryAfter: number | undefined;

  constructor(facts: {
    status: number;
    code: string;
    message: string;
    requestId?: string | undefined;
    details?: Readonly<Record<string, unknown>>;
    retryAfter?: number | undefined;
  }) {
    super(facts.message);
    this.name = 'Problem';
    this.status = facts.status;
    this.code = facts.code;
    this.requestId = facts.requestId;
    this.details = facts.details ?? {};
    this.retryAfter = facts.retryAfter;
  }

  /** Whether the very same request may succeed later. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/** The problem that an answer outside of 2xx is. */
export function problemOf(response: Response, body: unknown): Problem {
  const { error = {} } = (isRecord(body) ? body : {}) as { error?: Partial<ErrorFacts> };
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new Problem({
    status: response.status,
    code: error.code ?? `HTTP_${response.status}`,
    message: error.message ?? `The server answered ${response.status} without saying why.`,
    requestId: error.request_id ?? response.headers.get('x-request-id') ?? undefined,
    details: error.details ?? {},
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
  });
}

/** The problem that anything thrown is. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const aborted = error instanceof DOMException && error.name === 'AbortError';
  return new Problem({
    status: 0,
    code: aborted ? 'ABORTED' : 'UNREACHABLE',
    message: aborted
      ? 'The request was given up.'
      : 'The server does not answer. Is it running, and is this machine online?',
  });
}

interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly request_id: string;
  readonly details: Readonly<Record<string, unknown>>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
