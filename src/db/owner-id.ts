import { sql, type RawBuilder } from 'kysely';

/**
 * Open access has no owner: null in the program. Tables that are ordered per owner keep the nil UUID
 * for it, because `is null` would keep their indexes from giving the order.
 */
const NOBODY = '00000000-0000-0000-0000-000000000000';

export function storedOwner(ownerId: string | null): string {
  return ownerId ?? NOBODY;
}

export function ownerFrom(stored: string): string | null {
  return stored === NOBODY ? null : stored;
}

/** Whose rows: an owner's, those of open access (null), or everybody's (undefined). */
export type OwnerScope = string | null | undefined;

/** The condition on `owner_id`, to stand behind an `and`. */
export function ownedBy(owner: OwnerScope): RawBuilder<boolean> {
  return owner === undefined
    ? sql<boolean>`true`
    : sql<boolean>`owner_id = ${storedOwner(owner)}::uuid`;
}
