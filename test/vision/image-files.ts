import { readFileSync } from 'node:fs';
import { crc32, constants, deflateRawSync } from 'node:zlib';
import { sharp } from '../../src/vision/codec.ts';
import type { ImageLimits } from '../../src/vision/decode.ts';

/** Files for the tests, made when they run. */
export const LIMITS: ImageLimits = { maxPixels: 40_000_000, formats: ['png', 'jpeg'] };

export function photo(name: 'astronaut.png' | 'chelsea.png' | 'coffee.png' | 'rocket.jpg'): Buffer {
  return readFileSync(new URL(`../../photos/${name}`, import.meta.url));
}

export const astronaut = photo('astronaut.png');

/** The astronaut as a JPEG with one EXIF orientation that a viewer turns back to upright. */
export async function oriented(orientation: number): Promise<Buffer> {
  // What undoes each EXIF orientation: [clockwise turn, then mirror left-right].
  const undo = [[0], [0, 'flop'], [180], [180, 'flop'], [90, 'flop'], [270], [270, 'flop'], [90]];
  const [turn, mirror] = undo[orientation - 1] ?? [];
  const turned = await sharp(astronaut)
    .rotate(typeof turn === 'number' ? turn : 0)
    .toBuffer();
  const stored = mirror === undefined ? turned : await sharp(turned).flop().toBuffer();
  return sharp(stored).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, crc]);
}

/** The PNG with one more chunk directly after its header. */
export function withChunk(png: Uint8Array, type: string, data: Uint8Array): Buffer {
  const afterHeader = 8 + 25;
  return Buffer.concat([
    png.subarray(0, afterHeader),
    pngChunk(type, data),
    png.subarray(afterHeader),
  ]);
}

/** The JPEG with one more segment directly after its start. */
export function withSegment(jpeg: Uint8Array, marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, data, jpeg.subarray(2)]);
}

/** A genuine bomb: a valid 1-bit gray PNG of `side` x `side`, hundreds of megabytes when inflated. */
export function bomb(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const row = 1 + Math.ceil(side / 8);
  const rowsPerBlock = 1000;
  // A fully flushed block of zeros stands for itself, so it can be repeated without deflating again.
  const block = deflateRawSync(Buffer.alloc(row * rowsPerBlock), {
    finishFlush: constants.Z_FULL_FLUSH,
  });
  const blocks = Array.from({ length: side / rowsPerBlock }, () => block);
  const adler = Buffer.alloc(4);
  adler.writeUInt16BE((row * side) % 65_521, 0);
  adler.writeUInt16BE(1, 2);
  const stream = [Buffer.from([0x78, 0x01]), ...blocks, Buffer.from([0x03, 0x00]), adler];
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', Buffer.concat(stream)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Three different frames: equal ones would be stored as one. */
export async function animated(format: 'gif' | 'webp'): Promise<Buffer> {
  const data = Buffer.alloc(32 * 96 * 3);
  for (let at = 0; at < data.length; at++)
    data[at] = Math.floor(at / (32 * 32 * 3)) * 90 + (at % 7);
  const raw = { width: 32, height: 96, channels: 3, pageHeight: 32 } as const;
  const pipeline = sharp(data, { raw });
  return format === 'gif'
    ? pipeline.gif({ delay: [100, 100, 100] }).toBuffer()
    : pipeline.webp({ delay: [100, 100, 100] }).toBuffer();
}
