import { setupEvent, setupStatus, type SetupRequest, type SetupStatus } from '../protocol/setup.ts';
import { FoveaError, errorCodes, type ErrorCode } from '../errors.ts';
import { noServerAt } from './server-options.ts';
import type { SetupProgress } from './setup-progress.ts';

const answerTimeoutMs = 30_000;

/**
 * The same on a server that runs: asks it to set up and follows its events to the end.
 * @throws FoveaError what the server answers, or MODEL_UNAVAILABLE when it does not
 */
export async function setUpRemotely(
  server: string,
  token: string | undefined,
  request: SetupRequest,
  progress: SetupProgress,
): Promise<SetupStatus> {
  const key: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  const call = async (path: string, init: Omit<RequestInit, 'headers'> = {}): Promise<Response> => {
    const headers = { ...key, ...(init.body ? { 'content-type': 'application/json' } : {}) };
    const response = await fetch(new URL(path, server), { ...init, headers }).catch(
      (error: unknown) => {
        throw new FoveaError('MODEL_UNAVAILABLE', noServerAt(server), {}, error);
      },
    );
    if (!response.ok) throw await refused(response);
    return response;
  };
  await call('/api/v1/setup', {
    method: 'POST',
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(answerTimeoutMs),
  });
  const events = await call('/api/v1/setup/events');
  await follow(events, progress);
  const response = await call('/api/v1/setup', { signal: AbortSignal.timeout(answerTimeoutMs) });
  return setupStatus.parse(await response.json());
}

/** Until the run is over, or the server ends the stream. */
async function follow({ body }: Response, progress: SetupProgress): Promise<void> {
  const lines = body?.pipeThrough(new TextDecoderStream());
  let rest = '';
  for await (const text of lines ?? []) {
    const parts = (rest + text).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const [, data] = /^data: (.*)$/m.exec(part) ?? [];
      if (data === undefined) continue;
      const event = setupEvent.parse(JSON.parse(data));
      progress.show(event.models);
      if (event.state === 'done' || event.state === 'failed') return;
    }
  }
}

async function refused(response: Response): Promise<FoveaError> {
  const body = (await response.json().catch(() => undefined)) as
    | { error?: { code?: string; message?: string } }
    | undefined;
  const { code = '', message = `the server answers ${response.status}` } = body?.error ?? {};
  return new FoveaError(
    Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'MODEL_UNAVAILABLE',
    message,
  );
}
