import { Buffer } from 'node:buffer';
import { corruptPickle } from './errors.ts';

/** Bytes as code points 0 to 255. (`TextDecoder('latin1')` is windows-1252.) */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** A text of code points 0 to 255 as bytes; undefined when there are others. */
export function latin1Bytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 255) return undefined;
    bytes[i] = code;
  }
  return bytes;
}

/** UTF-8 with lone surrogates, Python's `surrogatepass`, which pickle writes. */
export function utf8(bytes: Uint8Array, offset: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return text.includes('\ufffd') ? utf8WithSurrogates(bytes, offset) : text;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8WithSurrogates(bytes: Uint8Array, offset: number): string {
  let text = '';
  let from = 0;
  const flush = (to: number) => {
    try {
      text += strict.decode(bytes.subarray(from, to));
    } catch {
      throw corruptPickle('a text that is not UTF-8', offset);
    }
  };
  for (let i = 0; i + 2 < bytes.length; i += 1) {
    // Surrogates are ED A0..BF 80..BF; 0xED begins nothing else with a second byte of 0xA0 or more.
    if (bytes[i] !== 0xed || (bytes[i + 1] ?? 0) < 0xa0) continue;
    flush(i);
    text += String.fromCharCode(
      0xd000 | (((bytes[i + 1] ?? 0) & 63) << 6) | ((bytes[i + 2] ?? 0) & 63),
    );
    from = i + 3;
    i += 2;
  }
  flush(bytes.length);
  return text;
}

/** `raw-unicode-escape`: latin-1, but for \uXXXX and \UXXXXXXXX. */
export function rawUnicode(bytes: Uint8Array, offset: number): string {
  return latin1(bytes).replace(
    /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g,
    (_, short?: string, long?: string) => {
      const point = parseInt(short ?? long ?? '', 16);
      if (point > 0x10ffff) throw corruptPickle('a text with an impossible code point', offset);
      return String.fromCodePoint(point);
    },
  );
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** The `repr` of a Python 2 str, in quotes. */
export function quotedText(bytes: Uint8Array, offset: number): string {
  const text = latin1(bytes).trim();
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote))
    throw corruptPickle('a STRING without quotes', offset);
  return text
    .slice(1, -1)
    .replace(
      /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))/gs,
      (all, hex?: string, octal?: string, other?: string) => {
        if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
        if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8) & 255);
        return escapes[other ?? ''] ?? all;
      },
    );
}
