import type { ImageFormat } from '../protocol/image.ts';

/** Bytes that `describeContent` looks at. */
const SNIFF_BYTES = 1024;

const AVIF_BRANDS: ReadonlySet<string> = new Set(['avif', 'avis']);
const HEIC_BRANDS: ReadonlySet<string> = new Set([
  'heic',
  'heix',
  'hevc',
  'hevx',
  'heim',
  'heis',
  'mif1',
  'msf1',
]);
const BMP_HEADER_SIZES: ReadonlySet<number> = new Set([12, 40, 52, 56, 64, 108, 124]);

/**
 * The image format by magic bytes at the very start; undefined for everything else (SVG, HTML,
 * text, PDF, nothing). Content before the magic bytes makes a file something else first.
 */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return 'png';
  if (startsWith(bytes, '\xff\xd8\xff')) return 'jpeg';
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) return 'gif';
  if (startsWith(bytes, 'RIFF') && latin1(bytes, 8, 12) === 'WEBP') return 'webp';
  if (startsWith(bytes, 'II*\0') || startsWith(bytes, 'MM\0*')) return 'tiff';
  if (isBmp(bytes)) return 'bmp';
  return latin1(bytes, 4, 8) === 'ftyp' ? formatOfBrands(bytes) : undefined;
}

/** What the bytes look like, for an error message: a format, or `svg`, `html`, `pdf`, `zip`, `text`, `unknown`. */
export function describeContent(bytes: Uint8Array): string {
  const format = sniffFormat(bytes);
  if (format !== undefined) return format;
  const head = latin1(bytes, 0, SNIFF_BYTES);
  if (head.startsWith('PK\x03\x04')) return 'zip';
  if (head.includes('%PDF-')) return 'pdf';
  if (/<svg[\s/>]/i.test(head)) return 'svg';
  if (/<(?:!doctype html|html|head|body|script)\b/i.test(head)) return 'html';
  // oxlint-disable-next-line no-control-regex -- control characters are what tells binary from text
  return /[\x00-\x08\x0e-\x1a]/.test(head) ? 'unknown' : 'text';
}

/** Bytes `[start, end)` as a string of one character per byte, for magic numbers and searches. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
    start,
    end,
  );
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  return latin1(bytes, 0, magic.length) === magic;
}

/** "BM" alone would also be the start of a text, so the size of the info header is checked too. */
function isBmp(bytes: Uint8Array): boolean {
  if (!startsWith(bytes, 'BM') || bytes.length < 18) return false;
  return BMP_HEADER_SIZES.has(viewOf(bytes).getUint32(14, true));
}

/** ISO base media: the major brand, then the compatible ones (ISO/IEC 14496-12 §4.3). */
function formatOfBrands(bytes: Uint8Array): ImageFormat | undefined {
  const boxSize = Math.min(viewOf(bytes).getUint32(0), bytes.length, 256);
  const brands = [latin1(bytes, 8, 12)];
  for (let at = 16; at + 4 <= boxSize; at += 4) brands.push(latin1(bytes, at, at + 4));
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return 'avif';
  return HEIC_BRANDS.has(brands[0] ?? '') ? 'heic' : undefined;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
