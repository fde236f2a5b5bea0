import { z } from 'zod';
import type { Identity } from '../accounts/scopes.ts';
import { scope } from '../protocol/account.ts';

const holder = z.object({
  kind: z.enum(['user', 'key', 'open']),
  userId: z.string().nullable(),
  scopes: z.array(scope),
});

/** Who asked for a ticket, as it is kept with it. */
export function holderText({ kind, userId, scopes }: Identity): string {
  return JSON.stringify({ kind, userId, scopes: [...scopes] });
}

/** Who comes with a ticket: may do no more than who asked for it. */
export function holderOf(text: string): Identity {
  const { kind, userId, scopes } = holder.parse(JSON.parse(text));
  return { kind, userId, scopes: new Set(scopes), readOnly: false };
}
