import type { ApiKeyService } from './api-key-service.ts';
import type { Audit } from './audit.ts';
import type { Authenticator } from './authenticator.ts';
import type { InviteService } from './invite-service.ts';
import type { LoginService } from './login-service.ts';
import type { Registration } from './registration.ts';
import type { UserService } from './user-service.ts';

/** All there is to accounts, for whoever offers it to people. */
export interface Accounts {
  /** Whether requests must say who asks; else those that do not have open access. */
  readonly required: boolean;
  readonly authenticator: Authenticator;
  readonly registration: Registration;
  readonly logins: LoginService;
  readonly users: UserService;
  readonly apiKeys: ApiKeyService;
  readonly invites: InviteService;
  readonly audit: Audit;
}
