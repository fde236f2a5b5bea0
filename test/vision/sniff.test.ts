import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sharp } from '../../src/vision/codec.ts';
import { declaredSize } from '../../src/vision/declared-size.ts';
import { describeContent, sniffFormat } from '../../src/vision/sniff.ts';
import { astronaut, bomb, photo } from './image-files.ts';

describe('sniffFormat', () => {
  it('knows every format by the bytes that a real encoder writes', async () => {
    const small = sharp(astronaut).resize(64, 64);
    assert.equal(sniffFormat(await small.clone().png().toBuffer()), 'png');
    assert.equal(sniffFormat(await small.clone().jpeg().toBuffer()), 'jpeg');
    assert.equal(sniffFormat(await small.clone().webp().toBuffer()), 'webp');
    assert.equal(sniffFormat(await small.clone().gif().toBuffer()), 'gif');
    assert.equal(sniffFormat(await small.clone().avif({ effort: 0 }).toBuffer()), 'avif');
    assert.equal(sniffFormat(await small.clone().tiff().toBuffer()), 'tiff');
  });

  it('knows HEIC and BMP by their headers', () => {
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    assert.equal(sniffFormat(heic), 'heic');
    const bmp = Buffer.alloc(54);
    bmp.write('BM');
    bmp.writeUInt32LE(40, 14);
    assert.equal(sniffFormat(bmp), 'bmp');
    assert.equal(sniffFormat(Buffer.from('BM is how this sentence starts.')), undefined);
  });

  for (const [kind, text] of Object.entries({
    svg: '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    html: '<!DOCTYPE html><html><body>hello</body></html>',
    pdf: '%PDF-1.7\n%\xe2\xe3\xcf\xd3',
    zip: 'PK\x03\x04\x14\0\0\0',
    text: 'just some words',
    unknown: '\x00\x01\x02\x03',
  })) {
    it(`is undefined for ${kind}, and says that it is ${kind}`, () => {
      const bytes = Buffer.from(text, 'latin1');
      assert.equal(sniffFormat(bytes), undefined);
      assert.equal(describeContent(bytes), kind);
    });
  }

  it('is undefined for fewer bytes than any magic number', () => {
    for (const length of [0, 1, 2, 3, 5]) {
      assert.equal(sniffFormat(astronaut.subarray(0, length)), undefined, `${length} bytes`);
    }
  });
});

describe('declaredSize', () => {
  it('reads the size from the header of PNG and JPEG', () => {
    assert.deepEqual(declaredSize(astronaut.subarray(0, 64)), { width: 512, height: 512 });
    assert.deepEqual(declaredSize(photo('rocket.jpg')), { width: 640, height: 427 });
    assert.deepEqual(declaredSize(bomb(50_000)), { width: 50_000, height: 50_000 });
  });

  it('is undefined when the header is cut off, or the format is another', () => {
    assert.equal(declaredSize(astronaut.subarray(0, 20)), undefined);
    assert.equal(declaredSize(photo('rocket.jpg').subarray(0, 20)), undefined);
    assert.equal(declaredSize(Buffer.from('GIF89a\x01\0\x01\0', 'latin1')), undefined);
  });
});
