import type { ImageFormat } from '../protocol/image.ts';
import { jpegStructure } from './jpeg-structure.ts';
import { pngStructure, type Structure } from './png-structure.ts';
import { latin1, viewOf } from './sniff.ts';

/**
 * A file that is an image and also something that runs or opens elsewhere. Refused:
 * - markup that a browser or PHP would run (`<script`, `<html`, `<!doctype html`, `<svg`, `<iframe`,
 *   `<?php`) in the metadata of a PNG or JPEG or after its end;
 * - a PDF: its header in the first 1024 bytes, where readers look for it, or after the image's end;
 * - an archive: a ZIP directory at the end of the file, RAR or 7z after the image's end;
 * - a program (ELF, MZ, `#!`) directly after the image's end.
 *
 * Accepted after the end, because cameras write it: padding, further JPEGs (MPF, gain maps), the MP4
 * of a motion photo, makers' own trailers. Formats whose end is not walked are searched whole.
 * Not seen: text inside compressed data, which no reader of plain bytes sees either.
 */
const ACTIVE_MARKUP = /<(?:script|html|svg|iframe)[\s/>]|<!doctype\s+html|<\?php\s/i;
const ARCHIVES: readonly string[] = ['Rar!\x1a\x07', '7z\xbc\xaf\x27\x1c'];
const PROGRAM = /^(?:\x7fELF|MZ|#!)/;
/** How far into a file PDF readers look for the header. */
const PDF_HEADER_RANGE = 1024;
/** A ZIP ends with its directory: 22 bytes and a comment of at most 65,535 (APPNOTE 4.3.16). */
const ZIP_END_RANGE = 22 + 65_535;

/** What else the image is (`html`, `pdf`, `zip`, `archive`, `program`), or undefined for a plain image. */
export function findPolyglot(
  bytes: Uint8Array,
  structure: Structure | undefined,
): string | undefined {
  if (latin1(bytes, 0, PDF_HEADER_RANGE).includes('%PDF-')) return 'pdf';
  if (endsWithZipDirectory(bytes)) return 'zip';
  if (structure === undefined) return kindOf(latin1(bytes, 0, bytes.length));
  const trailing = latin1(bytes, structure.end ?? bytes.length, bytes.length);
  if (PROGRAM.test(trailing)) return 'program';
  const texts = structure.metadata.map(([start, end]) => latin1(bytes, start, end));
  return kindOf(trailing) ?? (texts.some((text) => ACTIVE_MARKUP.test(text)) ? 'html' : undefined);
}

/** The walk over the container for the formats that have one here. */
export function structureOf(bytes: Uint8Array, format: ImageFormat): Structure | undefined {
  if (format === 'png') return pngStructure(bytes);
  if (format === 'jpeg') return jpegStructure(bytes);
  return undefined;
}

function kindOf(text: string): string | undefined {
  if (ACTIVE_MARKUP.test(text)) return 'html';
  if (text.includes('%PDF-')) return 'pdf';
  return ARCHIVES.some((signature) => text.includes(signature)) ? 'archive' : undefined;
}

/** Checks the record itself, not just its 4-byte signature, which compressed data can hold by chance. */
function endsWithZipDirectory(bytes: Uint8Array): boolean {
  const from = Math.max(0, bytes.length - ZIP_END_RANGE);
  const tail = latin1(bytes, from, bytes.length);
  const view = viewOf(bytes);
  for (let at = tail.indexOf('PK\x05\x06'); at !== -1; at = tail.indexOf('PK\x05\x06', at + 1)) {
    const record = from + at;
    if (record + 22 > bytes.length) return false;
    const directoryBytes = view.getUint32(record + 12, true);
    const isFirstDisk = view.getUint16(record + 4, true) === 0;
    if (isFirstDisk && directoryBytes <= record) return true;
  }
  return false;
}
