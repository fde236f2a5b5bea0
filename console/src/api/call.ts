import { authorization, doubt } from './login.ts';
import { asProblem, problemOf, type Problem } from './problem.ts';

/** One request to the API, as data: it can be shown, copied as code and sent again. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly json?: Readonly<Record<string, unknown>>;
  /** Fields of a multipart form, in order. */
  readonly form?: readonly (readonly [name: string, value: string | File])[];
  readonly accept?: 'application/json' | 'application/yaml';
}

/** A call that was answered, well or badly. */
export interface AnsweredCall {
  readonly id: string;
  readonly call: Call;
  readonly at: Date;
  readonly status: number;
  /** As the page saw it: network and browser included. */
  readonly milliseconds: number;
  readonly requestId: string | undefined;
  readonly text: string;
  /** The JSON answer; `undefined` for other formats. */
  readonly body: unknown;
  readonly problem: Problem | undefined;
}

/** Sends a call and keeps what came back. @throws Problem only when nothing answered. */
export async function perform(call: Call, signal?: AbortSignal): Promise<AnsweredCall> {
  const headers = new Headers({ accept: call.accept ?? 'application/json' });
  const value = await authorization();
  if (value !== undefined) headers.set('authorization', value);
  if (call.json) headers.set('content-type', 'application/json');
  const at = new Date();
  const started = performance.now();
  try {
    const response = await fetch(call.path, {
      method: call.method,
      headers,
      body: bodyOf(call),
      signal: signal ?? null,
    });
    if (response.status === 401 && value !== undefined) await doubt(value);
    const text = await response.text();
    const body = parsed(text);
    return {
      id: crypto.randomUUID(),
      call,
      at,
      status: response.status,
      milliseconds: performance.now() - started,
      requestId: response.headers.get('x-request-id') ?? undefined,
      text,
      body,
      problem: response.ok ? undefined : problemOf(response, body),
    };
  } catch (error) {
    throw asProblem(error);
  }
}

function bodyOf({ json, form }: Call): BodyInit | null {
  if (json) return JSON.stringify(json);
  if (!form) return null;
  const data = new FormData();
  for (const [name, value] of form) data.append(name, value);
  return data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
