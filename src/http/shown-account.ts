import type { ApiKeyRecord } from '../db/api-keys.ts';
import type { AuditRecord } from '../db/audit-log.ts';
import type { InviteRecord } from '../db/invites.ts';
import type { UserRecord } from '../db/users.ts';
import type { ApiKey, AuditEntry, Invite, User } from '../protocol/account.ts';

/** Records of `accounts/` as the API answers them: field by field, so that no hash slips through. */

export function shownUser({ id, email, role, disabled, ...times }: UserRecord): User {
  return {
    id,
    email,
    role,
    disabled,
    created_at: times.createdAt.toISOString(),
    last_login_at: iso(times.lastLoginAt),
  };
}

export function shownKey({ id, name, prefix, scopes, ...times }: ApiKeyRecord): ApiKey {
  return {
    id,
    name,
    prefix,
    scopes: [...scopes],
    created_at: times.createdAt.toISOString(),
    expires_at: iso(times.expiresAt),
    last_used_at: iso(times.lastUsedAt),
    revoked_at: iso(times.revokedAt),
  };
}

export function shownInvite({ id, role, createdBy, usedBy, ...times }: InviteRecord): Invite {
  return {
    id,
    role,
    created_by: createdBy,
    created_at: times.createdAt.toISOString(),
    expires_at: times.expiresAt.toISOString(),
    used_at: iso(times.usedAt),
    used_by: usedBy,
  };
}

export function shownEntry({ id, at, action, target, address, ...entry }: AuditRecord): AuditEntry {
  return {
    id,
    at: at.toISOString(),
    actor_id: entry.actorId,
    actor_kind: entry.actorKind,
    action,
    target,
    address,
    request_id: entry.requestId,
    details: { ...entry.details },
  };
}

function iso(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
