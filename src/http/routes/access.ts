import { access } from '../../protocol/account.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { errorResponses } from '../error-responses.ts';

/** What a client must know before anybody has signed in. */
export function accessRoutes(app: App, { accounts, options }: AppDeps): void {
  app.get(
    '/api/v1/auth/access',
    {
      config: { scope: 'public' },
      schema: {
        tags: ['Access'],
        summary: 'How one comes in: open or by account, and who may make one',
        response: { 200: access, ...errorResponses },
      },
    },
    async () => ({
      version: options.version,
      accounts_required: accounts.required,
      registration: accounts.registration.mode,
      awaits_first_account: await accounts.registration.awaitsFirst().catch(() => null),
    }),
  );
}
