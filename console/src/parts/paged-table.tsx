import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { ProblemCard } from './problem-card.tsx';
import { Table, type Column } from './table.tsx';
import { Waiting } from './waiting.tsx';
import styles from './table.module.css';

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

interface PagedTableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T) => string;
  /** Identifies the list with its filters. */
  readonly queryKey: readonly unknown[];
  readonly load: (cursor: string | undefined, signal: AbortSignal) => Promise<ListPage<T>>;
  /** Shown when there is nothing. */
  readonly empty: ReactNode;
  /** Asks again every so often; nothing while the page is hidden. */
  readonly refreshMs?: number;
}

/** A list of the API, page by page, with its empty, waiting and failed states. */
export function PagedTable<T>(props: PagedTableProps<T>) {
  const { label, columns, keyOf, queryKey, load, empty, refreshMs } = props;
  const list = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: refreshMs ?? false,
  });
  if (list.isError) return <ProblemCard error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Waiting label={`Loading ${label}`} />;
  const rows = list.data.pages.flatMap(({ items }) => items);
  if (rows.length === 0) return empty;
  return (
    <>
      <Table label={label} columns={columns} rows={rows} keyOf={keyOf} />
      {list.hasNextPage && (
        <p className={styles.more}>
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </p>
      )}
    </>
  );
}
