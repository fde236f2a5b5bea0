import { randomUUIDv7 } from 'node:crypto';
import type { AuditQuery, AuditRecord, AuditTable } from '../db/audit-log.ts';
import type { Page } from '../db/page.ts';
import type { Within } from '../db/tables.ts';
import type { ActorKind } from '../protocol/account.ts';

/** Who does something, and from where. */
export interface Origin {
  readonly actorKind: ActorKind;
  /** Null under open access, on the command line, and before it is known. */
  readonly actorId: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
}

export const commandLine: Origin = {
  actorKind: 'cli',
  actorId: null,
  address: null,
  requestId: null,
};

export interface Change {
  readonly action: string;
  readonly target?: string | null;
  /** Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Entries that wait while the database is away; then the oldest are lost. */
const mostWaiting = 10_000;
const batch = 500;

/** The audit log: with the change in its transaction, or soon after it. */
export class Audit {
  readonly #table: AuditTable;
  #waiting: AuditRecord[] = [];
  #flushing: Promise<void> | undefined;

  constructor(table: AuditTable) {
    this.#table = table;
  }

  /** In the transaction of the change: both are there, or neither is. */
  async append(origin: Origin, change: Change, within: Within): Promise<void> {
    await this.#table.append([entry(origin, change)], within);
  }

  /** For what happened elsewhere: written at once in the background, again later if that fails. */
  note(origin: Origin, change: Change): void {
    if (this.#waiting.length >= mostWaiting) this.#waiting.shift();
    this.#waiting.push(entry(origin, change));
    this.flush().catch(() => undefined); // `flush` is called again every few seconds
  }

  async flush(): Promise<void> {
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  async list(query: AuditQuery): Promise<Page<AuditRecord>> {
    return await this.#table.list(query);
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const entries = this.#waiting.slice(0, batch);
      await this.#table.append(entries);
      const written = new Set(entries);
      this.#waiting = this.#waiting.filter((each) => !written.has(each));
    }
  }
}

function entry(origin: Origin, { action, target = null, details = {} }: Change): AuditRecord {
  return { id: randomUUIDv7(), at: new Date(), ...origin, action, target, details };
}
