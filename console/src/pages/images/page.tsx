import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, data } from '../../api/client.ts';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { ImageCard } from './image-card.tsx';
import styles from './page.module.css';

/** Every image that the server keeps for its caller, to look at and to delete. */
export function Page() {
  const list = useInfiniteQuery({
    queryKey: ['images'],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 24, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return data(api.GET('/api/v1/images', { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  const images = list.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <PageHead
        title="Images"
        lead="What the server keeps: images given to be validated or analysed, and frames kept on request."
      />
      {list.isError && <ProblemCard error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Waiting label="Loading images" />}
      {list.data && images.length === 0 && (
        <Empty title="No image is kept">
          <p>
            Give one in the <Link to="/">playground</Link>. It stays until it is deleted or its time
            is over.
          </p>
        </Empty>
      )}
      <ul className={styles.images} aria-label="Kept images">
        {images.map((image) => (
          <ImageCard key={image.image_id} image={image} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}
