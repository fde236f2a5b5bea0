import type { Box, Point } from '../protocol/image.ts';
import { sharp } from './codec.ts';
import type { Pixels } from './pixels.ts';
import { resizeCubic } from './resize-cubic.ts';
import { resizeLinear, roundHalfEven } from './resize-linear.ts';

export interface LetterboxOptions {
  readonly width: number;
  readonly height: number;
  /** Value 0..255 of all three channels of the border. */
  readonly pad: number;
  /** `letterbox` keeps the aspect ratio and centres; `top-left` keeps it and pads right and below; `stretch` fills; `crop` fills with the middle. */
  readonly fit: 'letterbox' | 'top-left' | 'stretch' | 'crop';
  /** `area` when left out. */
  readonly resample?: 'area' | 'linear' | 'cubic' | undefined;
}

/**
 * Where the source lies in the target: `target = source * scale + offset`, per axis. Coordinates
 * are continuous: pixel i covers [i, i + 1), so a box edge maps without half-pixel shifts.
 */
export interface InputTransform {
  readonly scaleX: number;
  readonly scaleY: number;
  readonly offsetX: number;
  readonly offsetY: number;
  /** Size of the source, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** The picture at the model's size, and the way back to its own coordinates. */
export async function letterbox(
  pixels: Pixels,
  options: LetterboxOptions,
): Promise<{ pixels: Pixels; transform: InputTransform }> {
  const size = fittedSize(pixels, options);
  const resized = await resampled(pixels, size, options.resample);
  const atTopLeft = options.fit === 'top-left';
  // An odd remainder puts the extra row or column at the bottom or right.
  const offsetX = atTopLeft ? 0 : centred(size.width, options.width, options.resample);
  const offsetY = atTopLeft ? 0 : centred(size.height, options.height, options.resample);
  const scaleY = size.height / pixels.height;
  const transform = {
    // InsightFace knows one scale, that of the height.
    scaleX: atTopLeft ? scaleY : size.width / pixels.width,
    scaleY,
    offsetX,
    offsetY,
    width: pixels.width,
    height: pixels.height,
  };
  return { pixels: place(resized, options, offsetX, offsetY), transform };
}

async function resampled(
  pixels: Pixels,
  { width, height }: { readonly width: number; readonly height: number },
  resample: LetterboxOptions['resample'],
): Promise<Pixels> {
  if (resample === 'linear') return resizeLinear(pixels, width, height);
  if (resample === 'cubic') return resizeCubic(pixels, width, height);
  return await resize(pixels, width, height);
}

/**
 * The picture at exactly `width` x `height`. Reduction averages over the source area of each pixel:
 * whole-number box shrink, then a cubic of the residual factor. Of the codec's kernels that is the
 * nearest to an exact area average (astronaut 512 to 256, mean difference of 255: cubic 1.0, mitchell
 * 1.5, linear 1.8, lanczos3 1.3, nearest 4.6), at the same cost. Enlargement is bilinear.
 */
export async function resize(pixels: Pixels, width: number, height: number): Promise<Pixels> {
  if (width === pixels.width && height === pixels.height) return pixels;
  const reduces = width <= pixels.width && height <= pixels.height;
  const data = await fromPixels(pixels)
    .resize(width, height, { fit: 'fill', kernel: reduces ? 'cubic' : 'linear' })
    .raw()
    .toBuffer();
  return { data, width, height };
}

/** A codec pipeline that starts from decoded pixels. */
export function fromPixels(pixels: Pixels): ReturnType<typeof sharp> {
  const { data, width, height } = pixels;
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** A point of the model's input in pixels of the source; may lie outside of it. */
export function pointToSource(transform: InputTransform, [x, y]: Point): Point {
  return [(x - transform.offsetX) / transform.scaleX, (y - transform.offsetY) / transform.scaleY];
}

/** A box of the model's input in pixels of the source; may lie partly outside of it. */
export function boxToSource(transform: InputTransform, [x1, y1, x2, y2]: Box): Box {
  return [...pointToSource(transform, [x1, y1]), ...pointToSource(transform, [x2, y2])];
}

/** The part of the box inside `width` x `height`; its sides are 0 when there is none. */
export function clipBox([x1, y1, x2, y2]: Box, width: number, height: number): Box {
  return [clamp(x1, width), clamp(y1, height), clamp(x2, width), clamp(y2, height)];
}

/** Sizes are rounded to the nearest pixel, at least 1; the transform carries the rounded scale. */
function fittedSize(pixels: Pixels, options: LetterboxOptions): { width: number; height: number } {
  if (options.fit === 'stretch') return { width: options.width, height: options.height };
  if (options.fit === 'top-left') return truncatedSize(pixels, options);
  if (options.fit === 'crop') return coveringSize(pixels, options);
  const scale = Math.min(options.width / pixels.width, options.height / pixels.height);
  return {
    width: Math.max(1, roundHalfEven(pixels.width * scale)),
    height: Math.max(1, roundHalfEven(pixels.height * scale)),
  };
}

/** The smallest that covers the input; as torchvision's Resize of the shorter side, the longer one is cut to a whole number. */
function coveringSize(
  pixels: Pixels,
  { width, height }: LetterboxOptions,
): { width: number; height: number } {
  return width * pixels.height > height * pixels.width
    ? { width, height: Math.trunc((width * pixels.height) / pixels.width) }
    : { width: Math.trunc((height * pixels.width) / pixels.height), height };
}

/** As InsightFace computes it: one side fills, the other is cut to a whole number. */
function truncatedSize(
  pixels: Pixels,
  { width, height }: LetterboxOptions,
): { width: number; height: number } {
  const ratio = pixels.height / pixels.width;
  return ratio > height / width
    ? { width: Math.max(1, Math.trunc(height / ratio)), height }
    : { width, height: Math.max(1, Math.trunc(width * ratio)) };
}

function place(picture: Pixels, options: LetterboxOptions, left: number, top: number): Pixels {
  const { width, height, pad } = options;
  if (picture.width === width && picture.height === height) return picture;
  const data = new Uint8Array(width * height * 3).fill(pad);
  // What lies outside of the input is cut off.
  const [fromX, fromY] = [Math.max(0, -left), Math.max(0, -top)];
  const columns = Math.min(picture.width - fromX, width);
  const rows = Math.min(picture.height - fromY, height);
  for (let y = 0; y < rows; y++) {
    const start = ((y + fromY) * picture.width + fromX) * 3;
    const target = ((y + Math.max(0, top)) * width + Math.max(0, left)) * 3;
    data.set(picture.data.subarray(start, start + columns * 3), target);
  }
  return { data, width, height };
}

/**
 * Where the picture begins in the input; negative when it is cut: as torchvision's CenterCrop cuts it or, with `cubic`, as
 * transformers' image processors do, which is one pixel apart for some odd remainders.
 */
function centred(size: number, room: number, resample: LetterboxOptions['resample']): number {
  if (size <= room) return Math.floor((room - size) / 2);
  const rest = (size - room) / 2;
  return -(resample === 'cubic' ? Math.floor(rest) : roundHalfEven(rest));
}

function clamp(value: number, limit: number): number {
  return Math.min(Math.max(value, 0), limit);
}
