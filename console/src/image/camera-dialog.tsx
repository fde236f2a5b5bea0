import { useEffect, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import styles from './camera-dialog.module.css';

interface CameraDialogProps {
  readonly onShot: (file: File) => void;
  readonly onClose: () => void;
}

/** The machine's camera, and a photo from it. The camera is off again when the dialog is gone. */
export function CameraDialog({ onShot, onClose }: CameraDialogProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [failure, setFailure] = useState<string>();
  const [running, setRunning] = useState(false);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let gone = false;
    const start = async (): Promise<void> => {
      stream = await openCamera();
      if (gone || !video.current) stopCamera(stream);
      else video.current.srcObject = stream;
    };
    start().catch((error: unknown) => setFailure(cameraFailure(error)));
    return () => {
      gone = true;
      if (stream) stopCamera(stream);
    };
  }, []);
  const shoot = async (): Promise<void> => {
    if (!video.current) return;
    onShot(await photoOf(video.current));
    onClose();
  };
  return (
    <Dialog title="Camera" onClose={onClose}>
      {failure === undefined ? (
        <video
          ref={video}
          className={styles.video}
          autoPlay
          playsInline
          muted
          onPlaying={() => setRunning(true)}
        />
      ) : (
        <p role="alert">{failure}</p>
      )}
      <div className={styles.tools}>
        <Button kind="main" disabled={!running} onClick={() => void shoot()}>
          Take the photo
        </Button>
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

/** @throws DOMException what the browser says: NotAllowedError, NotFoundError… */
export async function openCamera(): Promise<MediaStream> {
  return await navigator.mediaDevices.getUserMedia({ video: { width: 1280 }, audio: false });
}

export function stopCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** What to do when there is no camera. */
export function cameraFailure(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError')
    return 'The browser does not let this page use the camera. Allow it in the address bar and try again.';
  if (name === 'NotFoundError') return 'This machine has no camera.';
  return 'The camera cannot be used. Another program may hold it.';
}

async function photoOf(video: HTMLVideoElement): Promise<File> {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.92));
  if (!blob) throw new Error('The browser could not encode the photo.');
  return new File([blob], 'camera.jpg', { type: 'image/jpeg' });
}
