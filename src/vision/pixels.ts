/**
 * A decoded picture: 8-bit sRGB, interleaved R G B, rows from the top, `width * height * 3` bytes.
 * Upright: the EXIF orientation is already applied.
 */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}
