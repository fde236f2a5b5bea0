import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';

/** A text as numbers of a vocabulary, from the start token to the end token. */
export interface TextTokenizer {
  /** The id of the token that ends every text. */
  readonly end: number;
  /** At most `most` ids; of what is longer, the end token stays. @param most at least 2 */
  encode(text: string, most: number): number[];
}

/** What is looked at of a `tokenizer.json`; the rest is the library's. */
const tokenizerFile = z.looseObject({
  normalizer: z.unknown(),
  model: z.looseObject({ vocab: z.unknown() }),
});

/**
 * @param file the parsed `tokenizer.json`
 * @throws Error when it is none, or makes no token of the end of a text
 */
export function textTokenizer(file: unknown): TextTokenizer {
  const parsed = tokenizerFile.parse(file);
  const lowers = JSON.stringify(parsed.normalizer ?? null).includes('"Lowercase"');
  const tokenizer = new Tokenizer(parsed, {});
  const idsOf = (text: string): number[] => tokenizer.encode(text).ids;
  const end = idsOf('').at(-1);
  if (end === undefined) throw new Error('It has no token for the end of a text.');
  return {
    end,
    encode(text, most) {
      // JavaScript writes the last sigma of a word otherwise; the original looks at one letter at a time.
      const ids = idsOf(lowers ? text.replaceAll('Σ', 'σ') : text);
      return ids.length > most ? [...ids.slice(0, most - 1), end] : ids;
    },
  };
}
