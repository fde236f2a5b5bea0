import { z } from 'zod';
import {
  credentials,
  me,
  passwordChange,
  refreshRequest,
  registration,
  tokens,
  user,
} from '../../protocol/account.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { accountOf, originOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { presentedBy } from '../hooks/authenticate.ts';
import { shownUser } from '../shown-account.ts';
import { FoveaError } from '../../errors.ts';

const tags = ['Access'];
const open = { scope: 'public', auditsItself: true } as const;
const noContent = { 204: z.undefined(), ...errorResponses };

/** Making an account, logging in, staying logged in. */
export function authRoutes(app: App, deps: AppDeps): void {
  enter(app, deps);
  leave(app, deps);
  own(app, deps);
}

function enter(app: App, { accounts: { registration: registrations, logins } }: AppDeps): void {
  app.post(
    '/api/v1/auth/register',
    {
      config: open,
      schema: {
        tags,
        summary: 'Make an account',
        description: 'The first account of a server is its administrator.',
        body: registration,
        response: { 201: user, ...errorResponses },
      },
    },
    async (request, reply) => {
      const made = await registrations.register(request.body, originOf(request));
      return await reply.code(201).send(shownUser(made));
    },
  );

  app.post(
    '/api/v1/auth/login',
    {
      config: open,
      schema: {
        tags,
        summary: 'Log in',
        description: 'An unknown address and a wrong password are answered alike.',
        body: credentials,
        response: { 200: tokens, ...errorResponses },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return await logins.login(request.body, originOf(request));
    },
  );

  app.post(
    '/api/v1/auth/refresh',
    {
      config: open,
      schema: {
        tags,
        summary: 'Get the next pair of tokens',
        description:
          'Each refresh token is good for one use. One that is used again ends its login, so use them one at a time.',
        body: refreshRequest,
        response: { 200: tokens, ...errorResponses },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return await logins.refresh(request.body.refresh_token, originOf(request));
    },
  );
}

function leave(app: App, { accounts: { logins, authenticator } }: AppDeps): void {
  app.post(
    '/api/v1/auth/logout',
    {
      config: open,
      schema: {
        tags,
        summary: 'End a login',
        description: 'That of the access token, or of the refresh token in the body.',
        body: refreshRequest.partial().nullish(),
        response: noContent,
      },
    },
    async (request, reply) => {
      const refreshToken = request.body?.refresh_token;
      if (refreshToken !== undefined) await logins.logout({ refreshToken }, originOf(request));
      else {
        const known = await authenticator.identify(presentedBy(request));
        if (known?.loginId === undefined) throw nothingToEnd();
        const origin = { ...originOf(request), actorId: known.userId };
        await logins.logout({ loginId: known.loginId }, origin);
      }
      return await reply.code(204).send();
    },
  );
}

function own(app: App, { accounts: { logins } }: AppDeps): void {
  app.get(
    '/api/v1/auth/me',
    {
      config: { scope: 'account' },
      schema: { tags, summary: 'Who asks', response: { 200: me, ...errorResponses } },
    },
    async (request) => {
      const { userId, scopes, readOnly, keyId = null } = accountOf(request);
      const account = shownUser(await logins.account(userId));
      return { ...account, scopes: [...scopes], read_only: readOnly, api_key_id: keyId };
    },
  );

  app.post(
    '/api/v1/auth/password',
    {
      config: { scope: 'person', auditsItself: true },
      schema: {
        tags,
        summary: 'Change the password',
        description: 'Every other login ends; API keys stay.',
        body: passwordChange,
        response: noContent,
      },
    },
    async (request, reply) => {
      const { userId, loginId = '' } = accountOf(request);
      const { current_password: current, new_password: next } = request.body;
      await logins.changePassword({ userId, loginId }, { current, next }, originOf(request));
      return await reply.code(204).send();
    },
  );
}

function nothingToEnd(): FoveaError {
  return new FoveaError(
    'UNAUTHENTICATED',
    'Send the access token of the login to end, or its refresh_token in the body.',
    { reason: 'missing' },
  );
}
