import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FoveaError } from '../../src/errors.ts';
import { sharp } from '../../src/vision/codec.ts';
import { decode } from '../../src/vision/decode.ts';
import { astronaut, LIMITS, withChunk, withSegment } from './image-files.ts';

const small = sharp(astronaut).resize(64, 64);
const png = await small.clone().png().toBuffer();
const jpeg = await small.clone().jpeg().toBuffer();
const APP1 = 0xe1;
const COM = 0xfe;

const after = (image: Uint8Array, trailing: string | Uint8Array) =>
  Buffer.concat([image, Buffer.from(trailing as string, 'latin1')]);
const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** An empty archive, padded in front: the end record of a directory of 0 bytes. */
const zip = `PK\x03\x04${'\0'.repeat(40)}PK\x05\x06${'\0'.repeat(18)}`;

describe('a polyglot is refused', () => {
  const table: Record<string, readonly [Uint8Array, string]> = {
    'HTML after a JPEG': [after(jpeg, '\n<html><script>alert(1)</script></html>'), 'jpeg+html'],
    'HTML after a PNG': [after(png, '<!DOCTYPE html><p>hello'), 'png+html'],
    'SVG after a PNG': [after(png, '<svg onload=alert(1)>'), 'png+html'],
    'PHP after a JPEG': [after(jpeg, '<?php system($_GET["c"]); ?>'), 'jpeg+html'],
    'a ZIP after a JPEG': [after(jpeg, zip), 'jpeg+zip'],
    'a ZIP after a PNG, with padding behind it': [after(png, `${zip}\0\0\0\0`), 'png+zip'],
    'a RAR after a PNG': [after(png, 'Rar!\x1a\x07\x01\0'), 'png+archive'],
    'a 7z after a JPEG': [after(jpeg, '7z\xbc\xaf\x27\x1c\0\x04'), 'jpeg+archive'],
    'a PDF after a PNG': [after(png, '\n%PDF-1.4\n'), 'png+pdf'],
    'a PDF in the comment of a JPEG': [withSegment(jpeg, COM, latin1('%PDF-1.4')), 'jpeg+pdf'],
    'a program after a PNG': [after(png, '#!/bin/sh\nrm -rf /'), 'png+program'],
    'an ELF after a JPEG': [after(jpeg, '\x7fELF\x02\x01'), 'jpeg+program'],
    'a script in the comment of a JPEG': [
      withSegment(jpeg, COM, latin1('<ScRiPt >alert(1)</script>')),
      'jpeg+html',
    ],
    'a script in the EXIF of a JPEG': [
      withSegment(jpeg, APP1, latin1('Exif\0\0<script>alert(1)</script>')),
      'jpeg+html',
    ],
    'HTML in the text of a PNG': [
      withChunk(png, 'tEXt', latin1('Comment\0<html><body onload=alert(1)>')),
      'png+html',
    ],
  };
  for (const [name, [bytes, found]] of Object.entries(table)) {
    it(name, async () => {
      await assert.rejects(decode(bytes, LIMITS), (error) => {
        assert.ok(error instanceof FoveaError);
        assert.equal(error.code, 'IMAGE_FORMAT_UNSUPPORTED');
        assert.equal(error.details['found'], found);
        return true;
      });
    });
  }

  it('when the other format comes first', async () => {
    const bytes = Buffer.concat([latin1('<html>'), png]);
    await assert.rejects(decode(bytes, LIMITS), { code: 'IMAGE_FORMAT_UNSUPPORTED' });
  });

  it('in a format whose end is not walked', async () => {
    const webp = after(await small.clone().webp().toBuffer(), '<script>alert(1)</script>');
    const limits = { ...LIMITS, formats: ['webp'] } as const;
    await assert.rejects(decode(webp, limits), { code: 'IMAGE_FORMAT_UNSUPPORTED' });
  });
});

describe('what cameras and editors write is accepted', () => {
  const video = Buffer.concat([latin1('\0\0\0\x18ftypmp42\0\0\0\0mp42isom'), astronaut]);
  const xmp = latin1(
    'http://ns.adobe.com/xap/1.0/\0<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
  );
  const table: Record<string, Uint8Array> = {
    'zeros after a JPEG': after(jpeg, '\0'.repeat(4096)),
    'white space after a PNG': after(png, '\r\n\r\n'),
    'a second JPEG (MPF, gain map)': after(jpeg, jpeg),
    'the MP4 of a motion photo': after(jpeg, video),
    'a trailer of the maker': after(jpeg, 'SEFH\x6a\0\0\0Image_UTC_Data1700000000000SEFT'),
    'XMP in a JPEG': withSegment(jpeg, APP1, xmp),
    'a harmless comment': withSegment(jpeg, COM, latin1('width < height, made with <3')),
    'a harmless text in a PNG': withChunk(png, 'tEXt', latin1('Title\0a < b')),
    'four bytes that only look like a ZIP': after(jpeg, 'PK\x05\x06'),
  };
  for (const [name, bytes] of Object.entries(table)) {
    it(name, async () => {
      assert.equal((await decode(bytes, LIMITS)).width, 64);
    });
  }
});
