import { z } from 'zod';

const START = '<|startoftext|>';
const END = '<|endoftext|>';

/** CLIP's pattern of a word, after its `simple_tokenizer.py`. */
const WORD = String.raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

const ids = z.record(z.string(), z.int().min(0));

/**
 * CLIP's `vocab.json` and `merges.txt` as a `tokenizer.json` says the same.
 * @param vocab the parsed `vocab.json`
 * @param merges the text of `merges.txt`; a first line that starts with `#version` is none
 * @throws Error when they are no such files
 */
export function clipTokenizerFile(vocab: unknown, merges: string): unknown {
  const known = ids.parse(vocab);
  const [start, end] = [known[START], known[END]];
  if (start === undefined || end === undefined)
    throw new Error(`The vocabulary has no ${START} or no ${END}.`);
  return {
    added_tokens: [added(start, START), added(end, END)],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: String.raw`\s+` }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORD }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [END, end],
      cls: [START, start],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      unk_token: END,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab: known,
      merges: merges
        .split('\n')
        .filter((line, index) => line !== '' && !(index === 0 && line.startsWith('#version'))),
    },
  };
}

function added(id: number, content: string): object {
  return {
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  };
}
