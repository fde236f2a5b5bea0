import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { clipTokenizerFile } from '../../src/text/clip-vocabulary.ts';
import { textTokenizer } from '../../src/text/text-tokenizer.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/embeddings/${name}`, import.meta.url), 'utf8');
/** Ids by Python's tokenizers, truncated to 77 (test/fixtures/embeddings/clip_oracle.py). */
const golden = z
  .object({ end: z.int(), texts: z.array(z.string()), ids: z.array(z.array(z.int())) })
  .parse(JSON.parse(fixture('tokens.json')));
const fromFile = textTokenizer(JSON.parse(fixture('tokenizer.json')));
const fromVocabulary = textTokenizer(
  clipTokenizerFile(JSON.parse(fixture('vocab.json')), fixture('merges.txt')),
);

for (const [index, text] of golden.texts.entries()) {
  test(`ids of ${JSON.stringify(text.slice(0, 40))} are those of Python's tokenizers`, () => {
    assert.deepEqual(fromFile.encode(text, 77), golden.ids[index]);
    // In files of transformers 5, special tokens are looked for before anything is lower-cased.
    if (!text.includes('<|STARTOFTEXT|>'))
      assert.deepEqual(fromVocabulary.encode(text, 77), golden.ids[index]);
  });
}

test('the end token stays, however long the text', () => {
  assert.equal(fromFile.end, golden.end);
  for (const most of [2, 3, 77]) {
    const ids = fromFile.encode('cat '.repeat(500), most);
    assert.equal(ids.length, most);
    assert.equal(ids.at(-1), golden.end);
  }
});

test('what is no tokenizer is refused', () => {
  assert.throws(() => textTokenizer({ hello: 1 }));
  assert.throws(() => textTokenizer(null));
  assert.throws(() => clipTokenizerFile({ a: 0 }, ''), /no <\|startoftext\|>/);
  assert.throws(() => clipTokenizerFile(['a'], ''));
});
