import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import type { KeptImage } from '../../api/types.ts';
import { usePicture } from '../../image/use-picture.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { bytes } from '../../parts/quantities.ts';
import { ShortId } from '../../parts/short-id.tsx';
import { When } from '../../parts/when.tsx';
import styles from './page.module.css';

/** One kept image: how it looks, what is known of it, the way to the playground and out of the store. */
export function ImageCard({ image }: { readonly image: KeptImage }) {
  const { image_id: id, width, height, format, size_bytes, created_at } = image;
  const queries = useQueryClient();
  const { address, error } = usePicture(`/api/v1/images/${id}/content`);
  const remove = async (): Promise<void> => {
    await api.DELETE('/api/v1/images/{id}', { params: { path: { id } } });
    queries.removeQueries({ queryKey: ['picture', `/api/v1/images/${id}/content`] });
    await queries.invalidateQueries({ queryKey: ['images'] });
  };
  return (
    <li className={styles.card}>
      <Link to="/" search={{ image: id }} className={styles.picture} tabIndex={-1} aria-hidden>
        {address !== undefined && <img src={address} alt="" />}
        {error !== null && error !== undefined && <span>The file cannot be read.</span>}
      </Link>
      <div className={styles.facts}>
        <ShortId id={id} />
        <span className="muted">
          {width} × {height}, {format.toUpperCase()}, {bytes(size_bytes)}
        </span>
        <span className="muted">
          kept <When at={created_at} />
        </span>
      </div>
      <div className={styles.tools}>
        <Link to="/" search={{ image: id }}>
          Open in the playground<span className="visually-hidden">, image {id.slice(-8)}</span>
        </Link>
        <ConfirmButton action="Delete" onConfirm={remove}>
          <p>
            The image and everything known of it are deleted from this server. This cannot be
            undone.
          </p>
        </ConfirmButton>
      </div>
    </li>
  );
}
