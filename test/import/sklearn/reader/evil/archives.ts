import { Buffer } from 'node:buffer';
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { bytes, u16, u32 } from './assembler.ts';
import type { EvilKind } from './kind.ts';

interface Part {
  readonly name: string;
  readonly data: Uint8Array;
  readonly flags?: number;
  readonly method?: number;
  /** What the directory says, where it lies. */
  readonly inflated?: number;
  readonly checksum?: number;
  readonly localName?: string;
  readonly offset?: number;
}

/** A zip archive by hand, with any lie in it. */
export function zip(
  parts: readonly Part[],
  end: Partial<{ count: number; size: number; start: number }> = {},
): Uint8Array {
  const locals: Uint8Array[] = [];
  const entries: Uint8Array[] = [];
  let at = 0;
  for (const part of parts) {
    const method = part.method ?? 8;
    const packed = method === 8 ? deflateRawSync(part.data) : part.data;
    const sizes = bytes(
      u32(part.checksum ?? crc32(part.data)),
      u32(packed.length),
      u32(part.inflated ?? part.data.length),
    );
    const head = bytes(u16(20), u16(part.flags ?? 0), u16(method), u32(0), sizes);
    const localName = Buffer.from(part.localName ?? part.name);
    const local = bytes(u32(0x04034b50), head, u16(localName.length), u16(0), localName, packed);
    const name = Buffer.from(part.name);
    entries.push(
      bytes(
        u32(0x02014b50),
        u16(20),
        head,
        u16(name.length),
        new Uint8Array(12),
        u32(part.offset ?? at),
        name,
      ),
    );
    locals.push(local);
    at += local.length;
  }
  const directory = bytes(...entries);
  const count = u16(end.count ?? parts.length);
  return bytes(
    ...locals,
    directory,
    u32(0x06054b50),
    u32(0),
    count,
    count,
    u32(end.size ?? directory.length),
    u32(end.start ?? at),
    u16(0),
  );
}

function schema(node: unknown): Part {
  return {
    name: 'schema.json',
    data: Buffer.from(typeof node === 'string' ? node : JSON.stringify(node)),
  };
}

function node(
  loader: string,
  module: string,
  name: string,
  rest: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return { __loader__: loader, __module__: module, __class__: name, ...rest };
}

const none = node('JsonNode', 'builtins', 'str', { content: 'null' });
const one = schema(none);
const refusedMember = 'ARCHIVE_MEMBER_REFUSED';
const corruptArchive = 'ARCHIVE_CORRUPT';
const refusedNode = 'SKOPS_NODE_REFUSED';
const zeros = new Uint8Array(1 << 20);

/** Archives, skops schemas and compressed streams that lie. */
export const evilArchives: readonly EvilKind[] = (
  [
    [
      'a path for a name',
      () => zip([one, { name: '../../etc/passwd', data: zeros }]),
      refusedMember,
    ],
    [
      'an absolute path for a name',
      () => zip([one, { name: '/etc/passwd', data: zeros }]),
      refusedMember,
    ],
    ['a Windows path for a name', () => zip([one, { name: 'C:\\x', data: zeros }]), refusedMember],
    ['two dots for a name', () => zip([one, { name: '..', data: zeros }]), refusedMember],
    ['a NUL in a name', () => zip([one, { name: 'a\0.npy', data: zeros }]), refusedMember],
    ['the same name twice', () => zip([one, one]), refusedMember],
    ['an encrypted member', () => zip([{ ...one, flags: 1 }]), refusedMember],
    ['a member packed by another method', () => zip([{ ...one, method: 14 }]), refusedMember],
    [
      'another name in the local header',
      () => zip([{ ...one, localName: 'schemb.json' }]),
      corruptArchive,
    ],
    ['a wrong checksum', () => zip([{ ...one, checksum: 1 }]), corruptArchive],
    ['a length that is too short', () => zip([{ ...one, inflated: 3 }]), corruptArchive],
    ['a length that is too long', () => zip([{ ...one, inflated: 3000 }]), corruptArchive],
    [
      'members that overlap',
      () => zip([one, { name: 'a.npy', data: zeros }, { name: 'b.npy', data: zeros, offset: 40 }]),
      corruptArchive,
    ],
    ['a member beyond the file', () => zip([{ ...one, offset: 0xfffffff0 }]), corruptArchive],
    ['a directory beyond the file', () => zip([one], { start: 0xfffffff0 }), corruptArchive],
    ['a directory of another length', () => zip([one], { size: 7 }), corruptArchive],
    ['more members than entries', () => zip([one], { count: 3 }), corruptArchive],
    ['bytes behind the archive', () => bytes(zip([one]), 'x'), corruptArchive],
    [
      'an archive without a schema',
      () => zip([{ name: 'model.pkl', data: zeros }]),
      corruptArchive,
    ],
    ['an empty archive', () => zip([]), corruptArchive],
    [
      'a bomb of 128 MiB in a schema',
      () => zip([{ ...one, data: new Uint8Array(128 << 20) }]),
      'ARCHIVE_LIMIT',
      true,
    ],
    [
      'a thousand members of 1 MiB that are read',
      () =>
        zip([
          schema(
            node('ListNode', 'builtins', 'list', {
              content: Array.from({ length: 1000 }, (_, i) =>
                node('BytesNode', 'builtins', 'bytes', { file: `${i}.bin` }),
              ),
            }),
          ),
          ...Array.from({ length: 1000 }, (_, i) => ({ name: `${i}.bin`, data: zeros })),
        ]),
      'ARCHIVE_LIMIT',
      true,
    ],
    ['JSON a million deep', () => zip([schema('['.repeat(1_000_000))]), 'SKOPS_CORRUPT'],
    ['nodes 2,000 deep', () => zip([schema(deepNodes(2000))]), 'SKOPS_CORRUPT'],
    ['nodes 300 deep', () => zip([schema(deepNodes(300))]), 'PICKLE_LIMIT'],
    [
      'three million objects of JSON',
      () => zip([schema(`[${'{},'.repeat(3_000_000)}{}]`)]),
      'PICKLE_LIMIT',
      true,
    ],
    [
      'a text without an end',
      () => zip([schema(`{"a":"${'\\"'.repeat(100_000)}`)]),
      'SKOPS_CORRUPT',
    ],
    [
      'JSON with a key twice',
      () => zip([schema('{"__loader__":"JsonNode","__loader__":"ListNode"}')]),
      'SKOPS_CORRUPT',
    ],
    ['JSON that is none', () => zip([schema('{oops}')]), 'SKOPS_CORRUPT'],
    ['a schema that is a list', () => zip([schema('[1]')]), 'SKOPS_CORRUPT'],
    [
      'a MethodNode',
      () =>
        zip([
          schema(node('MethodNode', 'os', 'system', { content: { func: 'system', obj: none } })),
        ]),
      refusedNode,
    ],
    [
      'an OperatorFuncNode',
      () => zip([schema(node('OperatorFuncNode', 'operator', 'methodcaller', { attrs: none }))]),
      refusedNode,
    ],
    [
      'a PartialNode of nothing',
      () => zip([schema(node('PartialNode', 'functools', 'partial', {}))]),
      'SKOPS_CORRUPT',
    ],
    [
      'a PartialNode of os.system',
      () =>
        zip([
          schema(
            node('PartialNode', 'functools', 'partial', {
              content: {
                func: node('FunctionNode', 'os', 'system'),
                args: none,
                kwds: none,
                namespace: none,
              },
            }),
          ),
        ]),
      'PICKLE_FORBIDDEN_GLOBAL',
    ],
    ['a loader of every object', () => zip([schema(node('constructor', 'a', 'b'))]), refusedNode],
    [
      'a loader named __proto__',
      () => zip([schema('{"__loader__":"__proto__","__module__":"a","__class__":"b"}')]),
      refusedNode,
    ],
    [
      'os.system as a FunctionNode',
      () => zip([schema(node('FunctionNode', 'os', 'system'))]),
      'PICKLE_FORBIDDEN_GLOBAL',
    ],
    [
      'os.system in the first protocol',
      () =>
        zip([
          schema(
            node('FunctionNode', 'x', 'function', {
              content: { module_path: 'os', function: 'system' },
            }),
          ),
        ]),
      'PICKLE_FORBIDDEN_GLOBAL',
    ],
    [
      'Popen as an ObjectNode',
      () => zip([schema(node('ObjectNode', 'subprocess', 'Popen', { content: none }))]),
      'PICKLE_FORBIDDEN_GLOBAL',
    ],
    [
      'a TypeNode of builtins.eval',
      () => zip([schema(node('TypeNode', 'builtins', 'eval'))]),
      'PICKLE_FORBIDDEN_GLOBAL',
    ],
    [
      'a .npy member of objects',
      () =>
        zip([
          schema(node('NdArrayNode', 'numpy', 'ndarray', { type: 'numpy', file: 'a.npy' })),
          {
            name: 'a.npy',
            data: npy(
              "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
              new Uint8Array(8),
            ),
          },
        ]),
      'ARRAY_UNSUPPORTED',
    ],
    [
      'a member that is not there',
      () => zip([schema(node('BytesNode', 'builtins', 'bytes', { file: '../secret' }))]),
      corruptArchive,
    ],
    [
      'a .npy header of code',
      () => npy("{'descr': __import__('os'), }", new Uint8Array(8)),
      'ARRAY_INVALID',
    ],
    ['a .npy header that is deep', () => npy('('.repeat(5000), new Uint8Array(8)), 'ARRAY_INVALID'],
    [
      'a .npy header beyond its file',
      () => bytes(0x93, 'NUMPY', 1, 0, u16(60000), '{}'),
      'ARRAY_INVALID',
    ],
    [
      'a .npy of a pickle',
      () =>
        npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", bytes('cos\nsystem\n.')),
      'ARRAY_UNSUPPORTED',
    ],
    ['zlib cut off', () => deflateSync(zeros).subarray(0, 50), 'COMPRESSION_CORRUPT'],
    [
      'zlib with bytes behind it',
      () => bytes(deflateSync(bytes('N.')), 'cos\nsystem\n.'),
      'COMPRESSION_CORRUPT',
    ],
    ['gzip with a wrong checksum', () => flipped(gzipSync(bytes('N.')), -6), 'COMPRESSION_CORRUPT'],
    ['bz2 of a level that does not exist', () => bytes('BZhA1AY&SY'), 'COMPRESSION_CORRUPT'],
    ['bz2 cut off', () => bytes('BZh91AY&SY', new Uint8Array(6)), 'COMPRESSION_CORRUPT'],
    ['xz that is only a magic', () => bytes(0xfd, '7zXZ', 0), 'COMPRESSION_CORRUPT'],
    [
      'lzma that wants 2^62 bytes',
      () => bytes(0x5d, u32(0xffffff00), u32(0), u32(0x40000000), new Uint8Array(64)),
      'COMPRESSION_CORRUPT',
    ],
    [
      'lzma of garbage',
      () => bytes(0x5d, u32(0), u32(0xffffffff), u32(0xffffffff), 0, new Uint8Array(64).fill(255)),
      'COMPRESSION_CORRUPT',
    ],
    [
      'lz4 that reaches before its start',
      () => lz4(bytes(0x14, 'a', u16(9), 0)),
      'COMPRESSION_CORRUPT',
    ],
    [
      'lz4 with a match of distance 0',
      () => lz4(bytes(0x14, 'a', u16(0), 0)),
      'COMPRESSION_CORRUPT',
    ],
    [
      'lz4 with a wrong header checksum',
      () => bytes(u32(0x184d2204), 0x60, 0x40, 0),
      'COMPRESSION_CORRUPT',
    ],
    ['lz4 of zeros without end', () => lz4(lz4Bomb()), 'COMPRESSION_CORRUPT'],
  ] as readonly (readonly [string, () => Uint8Array, EvilKind['outcome'], true?])[]
).map(([name, make, outcome, bomb]) => ({
  name,
  make: () => new Uint8Array(make()),
  outcome,
  ...(bomb ? { bomb } : {}),
}));

function deepNodes(depth: number): string {
  const open = '{"__loader__":"ListNode","__module__":"builtins","__class__":"list","content":[';
  return `${open.repeat(depth)}${JSON.stringify(none)}${']}'.repeat(depth)}`;
}

function npy(header: string, data: Uint8Array): Uint8Array {
  return bytes(0x93, 'NUMPY', 1, 0, u16(header.length), header, data);
}

function flipped(data: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(data);
  copy[copy.length + at] = (copy.at(at) ?? 0) ^ 1;
  return copy;
}

/** One frame with one block; 0x82 is the checksum byte of the header 0x60 0x40. */
function lz4(block: Uint8Array): Uint8Array {
  return bytes(u32(0x184d2204), 0x60, 0x40, 0x82, u32(block.length), block, u32(0));
}

/** 64 KiB at most may come out of a block of 64 KiB; this is 255 times more. */
function lz4Bomb(): Uint8Array {
  return bytes(0x1f, 'a', u16(1), new Uint8Array(60_000).fill(255), 0, 0x50, 'aaaaa');
}
