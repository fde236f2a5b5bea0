import { z } from 'zod';
import { storedText } from './stored-values.ts';

export const role = z.enum(['admin', 'member', 'viewer']).meta({ id: 'Role' });
export type Role = z.infer<typeof role>;

/** What a request may be about. Each route names the one it needs. */
export const scope = z
  .enum(['predict', 'models:read', 'models:write', 'images', 'faces', 'sessions', 'admin'])
  .meta({ id: 'Scope' });
export type Scope = z.infer<typeof scope>;

/** How the one who changed something was known: a logged-in person, a key, open access, the command line, the server itself. */
export const actorKind = z.enum(['user', 'key', 'open', 'cli', 'server']);
export type ActorKind = z.infer<typeof actorKind>;

/** Bounds that only keep nonsense out; the rules themselves are in `accounts/`. */
const email = z.string().min(3).max(1_000).describe('E-mail address.');
const newPassword = z.string().max(8_192).describe('8 to 1,024 characters, all of which count.');
const givenPassword = z.string().max(8_192);
const secret = z.string().min(1).max(200);
const time = z.iso.datetime();

export const registration = z
  .strictObject({
    email,
    password: newPassword,
    invite: secret.optional().describe('Invite code, where registration needs one.'),
  })
  .meta({ id: 'Registration' });

export const credentials = z
  .strictObject({ email, password: givenPassword })
  .meta({ id: 'Credentials' });
export const refreshRequest = z
  .strictObject({ refresh_token: secret })
  .meta({ id: 'RefreshRequest' });
export const passwordChange = z
  .strictObject({
    current_password: givenPassword,
    new_password: newPassword,
  })
  .meta({ id: 'PasswordChange' });

export const tokens = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal('bearer'),
    expires_in: z.int().describe('Seconds until the access token expires.'),
  })
  .meta({ id: 'Tokens' });
export type Tokens = z.infer<typeof tokens>;

export const user = z
  .object({
    id: z.uuid(),
    email: z.string(),
    role,
    disabled: z.boolean(),
    created_at: time,
    last_login_at: time.nullable(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof user>;

/** `GET auth/me`: the account, and what this very request may do. */
export const me = user
  .extend({
    scopes: z.array(scope),
    read_only: z.boolean(),
    api_key_id: z.uuid().nullable(),
  })
  .meta({ id: 'Me' });

export const userChange = z
  .strictObject({ role: role.optional(), disabled: z.boolean().optional() })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    message: 'must name role or disabled',
  })
  .meta({ id: 'UserChange' });
export type UserChange = z.infer<typeof userChange>;

export const newApiKey = z
  .strictObject({
    name: storedText(100).trim().min(1),
    scopes: z.array(scope).min(1).max(scope.options.length),
    expires_at: time.nullish().describe('RFC 3339; without it the key does not expire.'),
  })
  .meta({ id: 'NewApiKey' });

export const apiKey = z
  .object({
    id: z.uuid(),
    name: z.string(),
    prefix: z.string().describe('First characters of the key, to tell it from others.'),
    scopes: z.array(scope),
    created_at: time,
    expires_at: time.nullable(),
    last_used_at: time.nullable(),
    revoked_at: time.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKey>;

/** The only answer that ever holds the key itself. */
export const shownApiKey = apiKey.extend({ key: z.string() }).meta({ id: 'ShownApiKey' });

export const newInvite = z
  .strictObject({
    role: role.default('member'),
    expires_in: z
      .int()
      .min(60)
      .max(30 * 86_400)
      .default(7 * 86_400)
      .describe('Seconds until the code expires.'),
  })
  .meta({ id: 'NewInvite' });

export const invite = z
  .object({
    id: z.uuid(),
    role,
    created_by: z.uuid().nullable(),
    created_at: time,
    expires_at: time,
    used_at: time.nullable(),
    used_by: z.uuid().nullable(),
  })
  .meta({ id: 'Invite' });
export type Invite = z.infer<typeof invite>;
export const shownInvite = invite.extend({ code: z.string() }).meta({ id: 'ShownInvite' });

export const auditEntry = z
  .object({
    id: z.uuid(),
    at: time,
    actor_id: z.uuid().nullable(),
    actor_kind: actorKind,
    action: z.string(),
    target: z.string().nullable(),
    address: z.string().nullable(),
    request_id: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntry>;

/** How one comes in, for who has no account yet. */
export const access = z
  .object({
    version: z.string().describe('Of the server.'),
    accounts_required: z.boolean().describe('Whether requests must say who asks.'),
    registration: z.enum(['open', 'closed', 'invite']),
    awaits_first_account: z
      .boolean()
      .nullable()
      .describe("The next account is the administrator's; null while the database is away."),
  })
  .meta({ id: 'Access' });
