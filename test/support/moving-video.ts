import type { Page } from 'playwright-core';

/** Runs in the page, which has a canvas and a recorder; base64 in and out. */
const record = `async (image, seconds) => {
  const bytes = Uint8Array.from(atob(image), (letter) => letter.charCodeAt(0));
  const photo = await createImageBitmap(new Blob([bytes]));
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 480;
  const context = canvas.getContext('2d');
  const began = performance.now();
  const draw = () => {
    const share = (performance.now() - began) / (seconds * 1000);
    context.fillStyle = '#8a97a5';
    context.fillRect(0, 0, 640, 480);
    context.drawImage(photo, 40 + 60 * share, 0, 480, 480);
  };
  draw();
  const timer = setInterval(draw, 50);
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm' });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const over = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  setTimeout(() => recorder.stop(), seconds * 1000);
  await over;
  clearInterval(timer);
  const video = new Uint8Array(await new Blob(parts).arrayBuffer());
  let text = '';
  for (const byte of video) text += String.fromCharCode(byte);
  return btoa(text);
}`;

/** A WebM video, recorded by the browser itself, of a photo that moves slowly from left to right. */
export async function movingVideo(page: Page, photo: Buffer, seconds: number): Promise<Buffer> {
  const given = `${JSON.stringify(photo.toString('base64'))}, ${seconds}`;
  const video: string = await page.evaluate(`(${record})(${given})`);
  return Buffer.from(video, 'base64');
}
