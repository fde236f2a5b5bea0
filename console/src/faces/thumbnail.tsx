import { useState } from 'react';
import { usePicture } from '../image/use-picture.ts';
import styles from './faces.module.css';

interface ThumbnailProps {
  readonly imageId: string | null;
  readonly alt: string;
  /** What of the image is shown, with some room around; all of it when left out. */
  readonly box?: readonly number[];
}

/** A kept image, or one face of it. */
export function Thumbnail({ imageId, alt, box }: ThumbnailProps) {
  const { address } = usePicture(
    imageId === null ? undefined : `/api/v1/images/${imageId}/content`,
  );
  const [size, setSize] = useState<readonly [width: number, height: number]>();
  if (address === undefined)
    return <span className={styles.thumbnail} role="img" aria-label={alt} />;
  if (box && size)
    return (
      <svg
        className={styles.thumbnail}
        viewBox={around(box)}
        preserveAspectRatio="xMidYMid slice"
        role="img"
        aria-label={alt}
      >
        <image href={address} width={size[0]} height={size[1]} />
      </svg>
    );
  return (
    <img
      className={styles.thumbnail}
      src={address}
      alt={alt}
      onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
        setSize([naturalWidth, naturalHeight])
      }
    />
  );
}

/** A square around a box, a third wider than it. */
function around([x1 = 0, y1 = 0, x2 = 1, y2 = 1]: readonly number[]): string {
  const side = Math.max(x2 - x1, y2 - y1) * 1.35;
  return `${(x1 + x2 - side) / 2} ${(y1 + y2 - side) / 2} ${side} ${side}`;
}
