import type { Structure } from './png-structure.ts';
import { viewOf } from './sniff.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const TEM = 0x01;

/** One marker: its code, and where its parameters lie (an empty range for a marker without). */
interface Segment {
  readonly marker: number;
  readonly start: number;
  readonly end: number;
}

/** Walks the segments of a JPEG (ITU T.81 annex B) up to its end-of-image marker. */
export function jpegStructure(bytes: Uint8Array): Structure {
  const metadata: (readonly [number, number])[] = [];
  for (const { marker, start, end } of segments(bytes)) {
    if (marker === EOI) return { end, metadata, frames: 1 };
    if (isApplicationOrComment(marker)) metadata.push([start, end]);
  }
  return { end: undefined, metadata, frames: 1 };
}

/** Width and height as stored (EXIF not applied) from the frame header; undefined when there is none. */
export function jpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const view = viewOf(bytes);
  for (const { marker, start, end } of segments(bytes)) {
    if (marker === SOS || marker === EOI) return undefined;
    if (!isFrameHeader(marker)) continue;
    if (end - start < 5) return undefined;
    return { height: view.getUint16(start + 1), width: view.getUint16(start + 3) };
  }
  return undefined;
}

/** Ends early when the bytes do: the caller sees no EOI. */
function* segments(bytes: Uint8Array): Generator<Segment> {
  const view = viewOf(bytes);
  for (let at = 0; at + 1 < bytes.length;) {
    if (bytes[at] !== 0xff) return;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1; // fill byte
      continue;
    }
    const start = at + 2;
    if (isStandalone(marker)) {
      yield { marker, start, end: start };
      if (marker === EOI) return;
      at = start;
      continue;
    }
    if (start + 2 > bytes.length) return;
    const end = start + view.getUint16(start);
    if (end < start + 2 || end > bytes.length) return;
    yield { marker, start: start + 2, end };
    at = marker === SOS ? endOfScan(bytes, end) : end;
  }
}

/** Skips entropy-coded data: the next 0xFF that is neither stuffed (00) nor a restart (D0..D7). */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 2)) {
    // Any number of fill bytes may come before a marker.
    while (bytes[at + 1] === 0xff) at += 1;
    const code = bytes[at + 1];
    if (code !== undefined && code !== 0 && !isRestart(code)) return at;
  }
  return bytes.length;
}

function isStandalone(marker: number): boolean {
  return marker === SOI || marker === EOI || marker === TEM || isRestart(marker);
}

function isRestart(code: number): boolean {
  return code >= 0xd0 && code <= 0xd7;
}

function isApplicationOrComment(marker: number): boolean {
  return (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;
}

/** SOF0..SOF15 without DHT (C4), JPG (C8) and DAC (CC). */
function isFrameHeader(marker: number): boolean {
  return marker === 0xc0 || (marker > 0xc0 && marker <= 0xcf && marker % 4 !== 0);
}
