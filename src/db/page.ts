import { sql, type RawBuilder, type SelectQueryBuilder } from 'kysely';
import { decodeCursor, encodeCursor } from './cursor.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** For the next page; null when this is the last one. */
  readonly nextCursor: string | null;
}

export interface PageRequest {
  /** 1 to 100. */
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

/** Condition for rows after the cursor, in a list by `(time column, id)` that has the newest first. */
export function afterCursor(cursor: string | undefined, column: string): RawBuilder<boolean> {
  if (cursor === undefined) return sql<boolean>`true`;
  const { createdAt, id } = decodeCursor(cursor);
  return sql<boolean>`(${sql.ref(column)}, id) < (${createdAt}, ${id})`;
}

/** The query for a page: newest first by `(time column, id)`, from the cursor on, one row more than are shown. */
export function newestFirst<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  { limit, cursor }: PageRequest,
  column = 'created_at',
): SelectQueryBuilder<DB, TB, O> {
  return query
    .where(afterCursor(cursor, column))
    .orderBy(sql.ref(column), 'desc')
    .orderBy(sql.ref('id'), 'desc')
    .limit(limit + 1);
}

/** A page out of `limit + 1` rows: the one too many says that there are more. */
export function pageOf<T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
  timeOf: (item: T) => Date,
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    items,
    nextCursor: more ? encodeCursor({ createdAt: timeOf(last), id: last.id }) : null,
  };
}
