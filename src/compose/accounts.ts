import { join } from 'node:path';
import { AccessTokens } from '../accounts/access-tokens.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { ApiKeyService } from '../accounts/api-key-service.ts';
import { Audit } from '../accounts/audit.ts';
import { Authenticator } from '../accounts/authenticator.ts';
import { InviteService } from '../accounts/invite-service.ts';
import { LoginService } from '../accounts/login-service.ts';
import { LoginThrottle } from '../accounts/login-throttle.ts';
import { Passwords } from '../accounts/passwords.ts';
import { Registration } from '../accounts/registration.ts';
import { SigningKeys } from '../accounts/signing-keys.ts';
import { UserService } from '../accounts/user-service.ts';
import type { Config } from '../config.ts';
import { ApiKeyTable } from '../db/api-keys.ts';
import { AuditTable } from '../db/audit-log.ts';
import type { Database } from '../db/database.ts';
import { InviteTable } from '../db/invites.ts';
import { LoginTable } from '../db/refresh-tokens.ts';
import { UserTable } from '../db/users.ts';
import { needsAccounts, registrationMode } from './server-options.ts';

export interface RunningAccounts extends Accounts {
  /** Whether nobody has an account yet. @throws FoveaError DATABASE_UNAVAILABLE. */
  readonly none: () => Promise<boolean>;
  /** Writes last uses of keys and audit entries that wait for the database. */
  readonly flush: () => Promise<void>;
  /** Deletes logins and refresh tokens that have expired. */
  readonly sweep: () => Promise<void>;
}

/** Accounts, logins, keys and the audit log. The signing key is made when there is none. */
export async function composeAccounts(
  config: Config,
  database: Database,
): Promise<RunningAccounts> {
  const users = new UserTable(database);
  const logins = new LoginTable(database);
  const invites = new InviteTable(database);
  const keys = new ApiKeyTable(database);
  const audit = new Audit(new AuditTable(database));
  const passwords = new Passwords();
  const throttle = new LoginThrottle();
  const signing = signingKeys(config);
  await signing.prepare();
  const tokens = new AccessTokens(signing, config.FOVEA_ACCESS_TOKEN_TTL);
  const authenticator = new Authenticator({ tokens, logins, keys });
  const mode = registrationMode(config);
  const refreshTtlMs = config.FOVEA_REFRESH_TOKEN_TTL;
  return {
    required: needsAccounts(config),
    authenticator,
    audit,
    registration: new Registration({ mode, users, invites, passwords, throttle, audit }),
    logins: new LoginService({
      users,
      logins,
      passwords,
      throttle,
      tokens,
      authenticator,
      audit,
      refreshTtlMs,
    }),
    users: new UserService({ users, logins, authenticator, audit }),
    apiKeys: new ApiKeyService({ users, keys, authenticator, audit }),
    invites: new InviteService({ users, invites, audit }),
    none: async () => !(await users.any()),
    flush: async () => {
      await authenticator.flush();
      await audit.flush();
    },
    sweep: async () => await logins.removeExpired(new Date()),
  };
}

export function signingKeys(config: Config): SigningKeys {
  return new SigningKeys({
    file: config.FOVEA_KEYS_FILE ?? join(config.FOVEA_DATA_DIR, 'keys.json'),
    tokenTtlMs: config.FOVEA_ACCESS_TOKEN_TTL,
    rotateAfterMs: config.FOVEA_KEY_ROTATION,
  });
}
