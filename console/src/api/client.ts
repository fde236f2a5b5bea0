import createClient, { type Middleware } from 'openapi-fetch';
import { authorization, doubt } from './login.ts';
import { asProblem, problemOf } from './problem.ts';
import type { paths } from './schema.d.ts';

const access: Middleware = {
  async onRequest({ request }) {
    const value = await authorization();
    if (value !== undefined) request.headers.set('authorization', value);
    return request;
  },
  async onResponse({ request, response }) {
    const sent = request.headers.get('authorization');
    if (response.status === 401 && sent !== null) await doubt(sent);
    if (!response.ok)
      throw problemOf(
        response,
        await response
          .clone()
          .json()
          .catch(() => undefined),
      );
  },
  onError: ({ error }) => asProblem(error),
};

/** The public API, typed from its OpenAPI document. Every answer outside of 2xx is thrown as a `Problem`. */
export const api = createClient<paths>({ baseUrl: location.origin });
api.use(access);

/** The data of a call that succeeded; calls that fail have thrown. */
export async function data<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data: found } = await call;
  if (found === undefined) throw new TypeError('The server answered without a body.');
  return found;
}

/** A request that the typed client does not suit (forms, bytes, streams), with the same access and errors. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const value = await authorization();
  if (value !== undefined) headers.set('authorization', value);
  const response = await fetch(path, { ...init, headers }).catch((error: unknown) => {
    throw asProblem(error);
  });
  if (response.status === 401 && value !== undefined) await doubt(value);
  if (!response.ok)
    throw problemOf(
      response,
      await response
        .clone()
        .json()
        .catch(() => undefined),
    );
  return response;
}
