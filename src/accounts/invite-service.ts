import { randomUUIDv7 } from 'node:crypto';
import type { InviteRecord, InviteTable } from '../db/invites.ts';
import type { Page, PageRequest } from '../db/page.ts';
import type { UserTable } from '../db/users.ts';
import { FoveaError } from '../errors.ts';
import type { Role } from '../protocol/account.ts';
import type { Audit, Origin } from './audit.ts';
import { newSecret } from './secret.ts';

export interface InviteOptions {
  readonly users: UserTable;
  readonly invites: InviteTable;
  readonly audit: Audit;
}

/** Codes that let one person each register, with a role. */
export class InviteService {
  readonly #options: InviteOptions;

  constructor(options: InviteOptions) {
    this.#options = options;
  }

  /** The code itself is in this answer and nowhere else. */
  async create(
    { role, expiresInSeconds }: { role: Role; expiresInSeconds: number },
    origin: Origin,
  ): Promise<{ record: InviteRecord; code: string }> {
    const { users, invites, audit } = this.#options;
    const { text, hash } = newSecret('fovi_');
    const id = randomUUIDv7();
    const expiresAt = new Date(Date.now() + expiresInSeconds * 1000);
    const record = await users.transaction(async (within) => {
      const made = await invites.add(
        { id, hash, role, createdBy: origin.actorId, expiresAt },
        within,
      );
      await audit.append(
        origin,
        { action: 'invite.create', target: id, details: { role } },
        within,
      );
      return made;
    });
    return { record, code: text };
  }

  async list(page: PageRequest): Promise<Page<InviteRecord>> {
    return await this.#options.invites.list(page);
  }

  /** @throws FoveaError INVITE_NOT_FOUND. */
  async remove(id: string, origin: Origin): Promise<void> {
    const { users, invites, audit } = this.#options;
    await users.transaction(async (within) => {
      if (!(await invites.remove(id, within)))
        throw new FoveaError('INVITE_NOT_FOUND', `There is no invite ${id}.`, { invite_id: id });
      await audit.append(origin, { action: 'invite.delete', target: id }, within);
    });
  }
}
