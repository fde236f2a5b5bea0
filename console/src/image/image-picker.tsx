import { Camera, ImageUp } from 'lucide-react';
import { useEffect, useRef, useState, type DragEvent } from 'react';
import { Button } from '../parts/button.tsx';
import { CameraDialog } from './camera-dialog.tsx';
import styles from './image-picker.module.css';

/** An image that somebody chose: bytes of their own, or an address for the server to fetch. */
export type ChosenImage =
  | { readonly kind: 'file'; readonly file: File }
  | { readonly kind: 'url'; readonly url: string };

interface ImagePickerProps {
  readonly label: string;
  readonly onChoose: (image: ChosenImage) => void;
  /** Whether addresses can be given; not every route takes them. */
  readonly urls?: boolean;
  /** Whether an image pasted anywhere on the page is taken. */
  readonly paste?: boolean;
}

/** Every way to choose an image: drop, browse, paste, camera, address. */
export function ImagePicker({ label, onChoose, urls = false, paste = false }: ImagePickerProps) {
  const [over, setOver] = useState(false);
  const [camera, setCamera] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const choose = (file: File | undefined): void => {
    if (file) onChoose({ kind: 'file', file });
  };
  usePaste(paste ? choose : undefined);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    choose(event.dataTransfer.files[0]);
  };
  return (
    <div
      className={styles.picker}
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input
        ref={input}
        type="file"
        accept="image/*"
        className="visually-hidden"
        tabIndex={-1}
        aria-label={label}
        onChange={(event) => {
          choose(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
      <p>Drop an image here{paste ? ', paste one,' : ''} or</p>
      <div className={styles.ways}>
        <Button kind="main" onClick={() => input.current?.click()}>
          <ImageUp size={17} aria-hidden />
          {label}
        </Button>
        <Button onClick={() => setCamera(true)}>
          <Camera size={17} aria-hidden />
          Camera
        </Button>
      </div>
      {urls && <AddressForm onChoose={onChoose} />}
      {camera && <CameraDialog onShot={choose} onClose={() => setCamera(false)} />}
    </div>
  );
}

function AddressForm({ onChoose }: Pick<ImagePickerProps, 'onChoose'>) {
  const [url, setUrl] = useState('');
  return (
    <form
      className={styles.address}
      onSubmit={(event) => {
        event.preventDefault();
        if (url !== '') onChoose({ kind: 'url', url });
      }}
    >
      <input
        type="url"
        aria-label="Address of an image"
        placeholder="https://…"
        value={url}
        onChange={(event) => setUrl(event.target.value)}
      />
      <Button type="submit" disabled={url === ''}>
        Fetch
      </Button>
    </form>
  );
}

function usePaste(onFile: ((file: File | undefined) => void) | undefined): void {
  const latest = useRef(onFile);
  useEffect(() => {
    latest.current = onFile;
  });
  useEffect(() => {
    const listen = (event: ClipboardEvent): void => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) =>
        type.startsWith('image/'),
      );
      if (file) latest.current?.(file);
    };
    addEventListener('paste', listen);
    return () => removeEventListener('paste', listen);
  }, []);
}
