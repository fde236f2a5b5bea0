import { scope, type ActorKind, type Role, type Scope } from '../protocol/account.ts';

interface Rights {
  readonly scopes: readonly Scope[];
  /** May only look: GET and HEAD. */
  readonly readOnly: boolean;
}

const allButAdmin = scope.options.filter((name) => name !== 'admin');

/** What each role may do. A key may do what both it and its owner's role may. */
const rightsOf = {
  admin: { scopes: scope.options, readOnly: false },
  member: { scopes: allButAdmin, readOnly: false },
  viewer: { scopes: allButAdmin, readOnly: true },
} as const satisfies Record<Role, Rights>;

/** Who asks, and what they may do. */
export interface Identity {
  readonly kind: ActorKind;
  /** Null under open access. */
  readonly userId: string | null;
  readonly scopes: ReadonlySet<Scope>;
  readonly readOnly: boolean;
  readonly loginId?: string;
  readonly keyId?: string;
}

/** Anybody, where the server is open: no owner, every scope. */
export const openAccess: Identity = {
  kind: 'open',
  userId: null,
  scopes: new Set(scope.options),
  readOnly: false,
};

export function personOf(userId: string, role: Role, loginId: string): Identity {
  const { scopes, readOnly } = rightsOf[role];
  return { kind: 'user', userId, scopes: new Set(scopes), readOnly, loginId };
}

export function keyHolderOf(key: {
  id: string;
  userId: string;
  role: Role;
  scopes: readonly Scope[];
}): Identity {
  const { scopes, readOnly } = rightsOf[key.role];
  const both = key.scopes.filter((name) => (scopes as readonly Scope[]).includes(name));
  return { kind: 'key', userId: key.userId, scopes: new Set(both), readOnly, keyId: key.id };
}

/** Whether everybody's resources are to be seen. Open access sees what has no owner. */
export function seesAll({ userId, scopes }: Identity): boolean {
  return userId !== null && scopes.has('admin');
}
