import type { Metadata, Sharp } from 'sharp';
import { FoveaError } from '../errors.ts';
import type { ImageFormat } from '../protocol/image.ts';
import { sharp } from './codec.ts';
import { declaredSize } from './declared-size.ts';
import type { Pixels } from './pixels.ts';
import { findPolyglot, structureOf } from './polyglot.ts';
import { describeContent, sniffFormat } from './sniff.ts';

export interface ImageLimits {
  /** Largest width x height that is decoded. Memory of a decoded image is 3 bytes per pixel. */
  readonly maxPixels: number;
  /** Formats accepted. A format that this build cannot decode (HEIC, BMP) is refused all the same. */
  readonly formats: readonly ImageFormat[];
}

export interface ImageInfo {
  readonly format: ImageFormat;
  /** Width of the upright image, in pixels. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation, 1 (upright as stored) to 8. */
  readonly orientation: number;
  readonly hasAlpha: boolean;
  /** As stored: `srgb`, `cmyk`, `b-w`, `rgb16`, ... */
  readonly colourSpace: string;
  /** Bits per channel as stored: 1 to 16. */
  readonly bitDepth: number;
}

/** The prebuilt codec has no HEVC (patents) and no BMP. */
const DECODABLE: ReadonlySet<ImageFormat> = new Set(['png', 'jpeg', 'webp', 'gif', 'avif', 'tiff']);

/** Transparent parts show white, as on a page: the value that face and object models see around cut-outs. */
const BACKGROUND = '#ffffff';

/**
 * Reads headers only; checks everything that can be refused without decoding.
 * @throws FoveaError IMAGE_EMPTY, IMAGE_FORMAT_UNSUPPORTED (also for polyglots, see polyglot.ts),
 *   IMAGE_TOO_MANY_PIXELS, IMAGE_ANIMATED, IMAGE_CORRUPT (headers damaged, or end of image missing)
 */
export async function inspect(bytes: Uint8Array, limits: ImageLimits): Promise<ImageInfo> {
  const format = acceptedFormat(bytes, limits);
  // The declared size comes first: nothing else is read of a bomb.
  const declared = declaredSize(bytes);
  if (declared !== undefined) checkPixels(declared, limits);
  const structure = structureOf(bytes, format);
  const polyglot = findPolyglot(bytes, structure);
  if (polyglot !== undefined) throw polyglotError(format, polyglot, limits);
  if (structure !== undefined) {
    checkFrames(structure.frames);
    if (structure.end === undefined) throw corrupt('The image ends before its last byte.');
  }
  const metadata = await readMetadata(bytes, limits);
  checkPixels(metadata, limits);
  checkFrames(metadata.pages ?? 1);
  return infoFrom(format, metadata);
}

/**
 * Upright 8-bit sRGB pixels. Embedded colour profiles are not applied, CMYK and gray are converted,
 * 16-bit values keep their upper byte, transparency is flattened on white.
 * @throws FoveaError as `inspect`, and IMAGE_CORRUPT when the pixel data is truncated or damaged
 */
export async function decode(bytes: Uint8Array, limits: ImageLimits): Promise<Pixels> {
  await inspect(bytes, limits);
  const pipeline = open(bytes, limits)
    .autoOrient()
    .flatten({ background: BACKGROUND })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' });
  const { data, info } = await pipeline
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw corrupt('The image is truncated or damaged.', error);
    });
  if (info.channels !== 3) throw corrupt(`The image decodes to ${info.channels} channels, not 3.`);
  return { data, width: info.width, height: info.height };
}

function acceptedFormat(bytes: Uint8Array, limits: ImageLimits): ImageFormat {
  if (bytes.length === 0) throw new FoveaError('IMAGE_EMPTY', 'The image has 0 bytes.');
  const format = sniffFormat(bytes);
  const accepted = limits.formats.filter((name) => DECODABLE.has(name));
  if (format !== undefined && accepted.includes(format)) return format;
  const found = describeContent(bytes);
  throw new FoveaError(
    'IMAGE_FORMAT_UNSUPPORTED',
    `The content is ${found}; accepted are ${accepted.join(', ')}.`,
    { found, accepted },
  );
}

function polyglotError(format: ImageFormat, kind: string, limits: ImageLimits): FoveaError {
  return new FoveaError(
    'IMAGE_FORMAT_UNSUPPORTED',
    `The file is ${format} and ${kind} at once; only plain images are accepted.`,
    { found: `${format}+${kind}`, accepted: limits.formats },
  );
}

function checkPixels(size: { width: number; height: number }, limits: ImageLimits): void {
  const pixels = size.width * size.height;
  if (pixels === 0) throw corrupt(`The image declares ${size.width} x ${size.height} pixels.`);
  if (pixels <= limits.maxPixels) return;
  throw new FoveaError(
    'IMAGE_TOO_MANY_PIXELS',
    `The image is ${size.width} x ${size.height} = ${pixels} pixels; at most ${limits.maxPixels} are accepted.`,
    { width: size.width, height: size.height, pixels, max_pixels: limits.maxPixels },
  );
}

function checkFrames(frames: number): void {
  if (frames <= 1) return;
  throw new FoveaError(
    'IMAGE_ANIMATED',
    `The image has ${frames} frames; send a still image of 1 frame.`,
    { frames },
  );
}

/**
 * Damage is an error. libjpeg reports damaged entropy data as a warning only, so a JPEG must decode
 * without any; warnings of the other codecs are about metadata (unknown TIFF tags).
 */
function open(bytes: Uint8Array, limits: ImageLimits): Sharp {
  return sharp(bytes, {
    failOn: sniffFormat(bytes) === 'jpeg' ? 'warning' : 'error',
    limitInputPixels: limits.maxPixels,
    unlimited: false,
    sequentialRead: true,
    // As OpenCV and Pillow read it, and so as the models saw their training pictures; it also takes
    // two thirds of the time from decoding a small JPEG with a profile.
    ignoreIcc: true,
  });
}

async function readMetadata(bytes: Uint8Array, limits: ImageLimits): Promise<Metadata> {
  try {
    return await open(bytes, limits).metadata();
  } catch (error) {
    throw corrupt('The header of the image cannot be read.', error);
  }
}

function infoFrom(format: ImageFormat, metadata: Metadata): ImageInfo {
  return {
    format,
    width: metadata.autoOrient.width,
    height: metadata.autoOrient.height,
    orientation: metadata.orientation ?? 1,
    hasAlpha: metadata.hasAlpha,
    colourSpace: metadata.space,
    bitDepth: metadata.bitsPerSample ?? (metadata.depth === 'ushort' ? 16 : 8),
  };
}

function corrupt(message: string, cause?: unknown): FoveaError {
  return new FoveaError('IMAGE_CORRUPT', message, {}, cause);
}
