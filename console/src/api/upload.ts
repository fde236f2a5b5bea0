import { authorization, doubt } from './login.ts';
import { asProblem, Problem, problemOf } from './problem.ts';

/** Sends a form and tells how much of it has gone, 0 to 1, which `fetch` cannot. @throws Problem */
export async function upload(
  path: string,
  form: FormData,
  onProgress: (share: number) => void,
  signal?: AbortSignal,
): Promise<unknown> {
  const value = await authorization();
  return await new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    if (value !== undefined) request.setRequestHeader('authorization', value);
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress(loaded / Math.max(1, total)),
    );
    request.addEventListener('error', () => reject(asProblem(undefined)));
    request.addEventListener('abort', () =>
      reject(new Problem({ status: 0, code: 'ABORTED', message: 'The upload was given up.' })),
    );
    request.addEventListener('load', () => {
      const body = parsed(request.responseText);
      if (request.status === 401 && value !== undefined) void doubt(value);
      if (request.status < 300) resolve(body);
      else reject(problemOf(responseOf(request), body));
    });
    signal?.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

function responseOf(request: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ['retry-after', 'x-request-id']) {
    const value = request.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(null, { status: request.status, headers });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
