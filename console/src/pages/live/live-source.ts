import { cameraFailure, openCamera, stopCamera } from '../../image/camera-dialog.tsx';

/** Where the pictures come from: a file of the visitor's, or the camera. */
export type LiveSource = File | 'camera';

/**
 * Plays a source in a video element; files over and over. Returns the way to stop it.
 * @throws Error with what to do when it cannot be played
 */
export async function playSource(video: HTMLVideoElement, source: LiveSource): Promise<() => void> {
  return source === 'camera' ? await playCamera(video) : await playFile(video, source);
}

async function playCamera(video: HTMLVideoElement): Promise<() => void> {
  const stream = await openCamera().catch((error: unknown) => {
    throw new Error(cameraFailure(error), { cause: error });
  });
  video.srcObject = stream;
  await video.play();
  return () => {
    stopCamera(stream);
    video.srcObject = null;
  };
}

async function playFile(video: HTMLVideoElement, file: File): Promise<() => void> {
  const address = URL.createObjectURL(file);
  const stop = (): void => {
    video.pause();
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(address);
  };
  video.src = address;
  video.loop = true;
  await video.play().catch((error: unknown) => {
    stop();
    const message = `This browser cannot play ${file.name}. Try WebM, or MP4 with H.264.`;
    throw new Error(message, { cause: error });
  });
  return stop;
}
