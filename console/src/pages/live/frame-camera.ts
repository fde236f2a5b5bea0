const quality = 0.8;

/** Takes JPEG frames from a playing video. */
export class FrameCamera {
  readonly #canvas = document.createElement('canvas');

  /** The picture that is shown now, at most so many pixels wide; `undefined` when there is none. */
  async take(video: HTMLVideoElement, maxWidth: number): Promise<Blob | undefined> {
    const { videoWidth, videoHeight } = video;
    if (video.readyState < video.HAVE_CURRENT_DATA || videoWidth === 0) return undefined;
    const scale = Math.min(1, maxWidth / videoWidth);
    this.#canvas.width = Math.round(videoWidth * scale);
    this.#canvas.height = Math.round(videoHeight * scale);
    const { width, height } = this.#canvas;
    this.#canvas.getContext('2d')?.drawImage(video, 0, 0, width, height);
    return await new Promise((done) =>
      this.#canvas.toBlob((blob) => done(blob ?? undefined), 'image/jpeg', quality),
    );
  }
}
