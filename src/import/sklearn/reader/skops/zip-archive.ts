import { crc32, inflateRawSync } from 'node:zlib';
import { SklearnImportError } from '../../errors.ts';
import { utf8 } from '../pickle/python-text.ts';
import type { ReadLimits } from '../limits.ts';

interface Member {
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly inflated: number;
  /** Of the local header. */
  readonly offset: number;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endLength = 22;
/** Names that skops and numpy write: `schema.json`, `<id>.npy`. No name is ever used as a path. */
const safeName = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$/;

/**
 * A zip archive in memory (PKWARE APPNOTE 6.3), read by its central directory and checked against its local headers.
 * Members are inflated when asked for, all of them together within the limits.
 * @throws ARCHIVE_CORRUPT, ARCHIVE_LIMIT, ARCHIVE_MEMBER_REFUSED
 */
export class ZipArchive {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #members = new Map<string, Member>();
  readonly #allowed: number;
  inflatedBytes = 0;

  constructor(bytes: Uint8Array, limits: ReadLimits) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#allowed = Math.min(
      limits.inflatedBytes,
      Math.max(limits.ratioFloorBytes, bytes.length * limits.ratio),
    );
    this.#readDirectory(limits);
  }

  get names(): readonly string[] {
    return [...this.#members.keys()];
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  /** The content of a member; its length and checksum are right. */
  read(name: string): Uint8Array {
    const member = this.#members.get(name);
    if (!member)
      throw corruptArchive(`the archive has no member ${JSON.stringify(name.slice(0, 100))}`);
    this.inflatedBytes += member.inflated;
    if (this.inflatedBytes > this.#allowed) throw this.#tooLarge();
    const packed = this.#packed(name, member);
    const data = member.method === 0 ? packed : inflate(name, packed, member.inflated);
    if (data.length !== member.inflated || crc32(data) !== member.checksum)
      throw corruptArchive(`the member ${name} does not fit its length or checksum`);
    return data;
  }

  #readDirectory(limits: ReadLimits): void {
    const end = this.#findEnd();
    const count = this.#view.getUint16(end + 10, true);
    const size = this.#view.getUint32(end + 12, true);
    const start = this.#view.getUint32(end + 16, true);
    if (this.#view.getUint16(end + 4, true) !== 0 || this.#view.getUint16(end + 8, true) !== count)
      throw corruptArchive('the archive is one of several parts');
    if (count > limits.archiveMembers)
      throw overLimit('archiveMembers', limits.archiveMembers, `the archive has ${count} members`);
    if (start + size !== end)
      throw corruptArchive('the directory of the archive does not end where it should');
    let at = start;
    for (let i = 0; i < count; i += 1) at = this.#readEntry(at, end);
    if (at !== end) throw corruptArchive('the directory of the archive is longer than its entries');
    this.#refuseOverlaps(start);
  }

  /** Found from the back, behind a comment of any length. */
  #findEnd(): number {
    const lowest = Math.max(0, this.#bytes.length - endLength - 0xffff);
    for (let at = this.#bytes.length - endLength; at >= lowest; at -= 1)
      if (
        this.#view.getUint32(at, true) === endSignature &&
        at + endLength + this.#view.getUint16(at + 20, true) === this.#bytes.length
      )
        return at;
    throw corruptArchive('the archive has no end record, or bytes follow it');
  }

  #readEntry(at: number, end: number): number {
    if (at + 46 > end || this.#view.getUint32(at, true) !== entrySignature)
      throw corruptArchive('the directory of the archive is damaged');
    const [nameLength, extra, comment] = [28, 30, 32].map((field) =>
      this.#view.getUint16(at + field, true),
    ) as [number, number, number];
    const next = at + 46 + nameLength + extra + comment;
    if (next > end) throw corruptArchive('the directory of the archive is damaged');
    const name = utf8(this.#bytes.subarray(at + 46, at + 46 + nameLength), at);
    const shown = JSON.stringify(name.slice(0, 100));
    const flags = this.#view.getUint16(at + 8, true);
    const method = this.#view.getUint16(at + 10, true);
    if (!safeName.test(name))
      throw refusedMember(`the member ${shown} has a name that is no plain file name`);
    if (this.#members.has(name)) throw refusedMember(`the member ${shown} is there twice`);
    if (flags & 0x2041) throw refusedMember(`the member ${shown} is encrypted`);
    if (method !== 0 && method !== 8)
      throw refusedMember(
        `the member ${shown} is packed by method ${method}; stored and deflated ones are read`,
      );
    this.#members.set(name, {
      method,
      checksum: this.#view.getUint32(at + 16, true),
      packed: this.#view.getUint32(at + 20, true),
      inflated: this.#view.getUint32(at + 24, true),
      offset: this.#view.getUint32(at + 42, true),
    });
    return next;
  }

  /** Overlapping members are how a small archive inflates without end (https://www.bamsoftware.com/hacks/zipbomb/). */
  #refuseOverlaps(start: number): void {
    let from = 0;
    const members = [...this.#members].sort(([, a], [, b]) => a.offset - b.offset);
    for (const [name, member] of members) {
      if (member.offset < from || member.offset + 30 + member.packed > start)
        throw corruptArchive(`the member ${name} overlaps another part of the archive`);
      from = member.offset + 30 + member.packed;
    }
  }

  #packed(name: string, member: Member): Uint8Array {
    const { offset } = member;
    const nameLength = this.#view.getUint16(offset + 26, true);
    const from = offset + 30 + nameLength + this.#view.getUint16(offset + 28, true);
    const local = utf8(this.#bytes.subarray(offset + 30, offset + 30 + nameLength), offset);
    if (this.#view.getUint32(offset, true) !== localSignature || local !== name)
      throw corruptArchive(`the member ${name} has another name in its own header`);
    if (from + member.packed > this.#bytes.length)
      throw corruptArchive(`the member ${name} is cut off`);
    return this.#bytes.subarray(from, from + member.packed);
  }

  #tooLarge(): SklearnImportError {
    return overLimit(
      'inflatedBytes',
      this.#allowed,
      `the archive inflates to ${this.inflatedBytes} bytes or more`,
    );
  }
}

function inflate(name: string, packed: Uint8Array, length: number): Uint8Array {
  try {
    // One byte more than declared: a header that lies is found, and never costs more.
    const data = inflateRawSync(packed, { maxOutputLength: length + 1 });
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  } catch (error) {
    throw corruptArchive(`the member ${name} is damaged or longer than it says`, error);
  }
}

function corruptArchive(message: string, cause?: unknown): SklearnImportError {
  return new SklearnImportError('ARCHIVE_CORRUPT', message, {}, cause);
}

function refusedMember(message: string): SklearnImportError {
  return new SklearnImportError('ARCHIVE_MEMBER_REFUSED', message);
}

function overLimit(limit: string, allowed: number, message: string): SklearnImportError {
  return new SklearnImportError('ARCHIVE_LIMIT', `${message}, at most ${allowed} are allowed`, {
    limit,
    allowed,
  });
}
