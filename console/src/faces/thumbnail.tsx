import { useState } from 'react';
import { usePicture } from '../image/use-picture.ts';
import { FaceCrop } from './face-crop.tsx';
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
  if (box && size) return <FaceCrop {...{ address, box, alt }} width={size[0]} height={size[1]} />;
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
