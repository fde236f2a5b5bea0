import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ResultCache } from '../../src/store/result-cache.ts';

interface Value {
  readonly text: string;
}
const sizeOf = (value: Value): number => value.text.length;

describe('ResultCache', () => {
  it('keeps variants of a subject apart and wipes them together', () => {
    const cache = new ResultCache<Value>(1000, sizeOf);
    cache.set('image', 'faces', { text: 'a' });
    cache.set('image', 'quality', { text: 'b' });
    cache.set('other', 'faces', { text: 'c' });
    assert.equal(cache.get('image', 'quality')?.text, 'b');
    cache.wipe('image');
    assert.equal(cache.get('image', 'faces'), undefined);
    assert.equal(cache.get('image', 'quality'), undefined);
    assert.equal(cache.get('other', 'faces')?.text, 'c');
  });

  it('drops the least recently used beyond its bytes', () => {
    const cache = new ResultCache<Value>(30, sizeOf);
    for (const subject of ['a', 'b', 'c']) cache.set(subject, 'v', { text: 'x'.repeat(10) });
    cache.get('a', 'v');
    cache.set('d', 'v', { text: 'x'.repeat(10) });
    assert.equal(cache.get('b', 'v'), undefined);
    assert.ok(cache.get('a', 'v'));
    assert.equal(cache.stats.bytes, 30);
  });

  it('does not keep what is larger than itself', () => {
    const cache = new ResultCache<Value>(5, sizeOf);
    cache.set('a', 'v', { text: 'too long for it' });
    assert.equal(cache.get('a', 'v'), undefined);
    cache.wipe('a');
    assert.equal(cache.stats.entries, 0);
  });

  it('can be written again after a wipe or an overwrite', () => {
    const cache = new ResultCache<Value>(100, sizeOf);
    cache.set('a', 'v', { text: '1' });
    cache.set('a', 'v', { text: '22' });
    cache.wipe('a');
    cache.set('a', 'v', { text: '333' });
    assert.equal(cache.get('a', 'v')?.text, '333');
    cache.wipe('a');
    assert.deepEqual(
      { entries: cache.stats.entries, bytes: cache.stats.bytes },
      { entries: 0, bytes: 0 },
    );
  });
});
