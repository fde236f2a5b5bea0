import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../errors.ts';
import type { ImageTextOutput } from '../protocol/model-manifest.ts';
import { clipTokenizerFile } from '../text/clip-vocabulary.ts';
import { textTokenizer, type TextTokenizer } from '../text/text-tokenizer.ts';
import type { TextHalf } from './hosted-model.ts';
import { Session } from './session.ts';

type TextSpec = ImageTextOutput['text'];

/**
 * The half of a model that reads texts.
 * @param whole the model's own graph, which has this half too unless it has a file
 * @throws FoveaError MODEL_INVALID
 */
export async function openTextHalf(
  spec: TextSpec,
  directory: string,
  whole: Session,
): Promise<TextHalf> {
  const tokenizer = await openTokenizer(spec.tokenizer, directory);
  const session = spec.file === undefined ? whole : await Session.open(join(directory, spec.file));
  const { mask, ...rest } = spec;
  const masked = mask !== undefined && session.inputNames.includes(mask);
  return { session, tokenizer, spec: masked ? spec : rest };
}

async function openTokenizer(
  spec: TextSpec['tokenizer'],
  directory: string,
): Promise<TextTokenizer> {
  const read = async (file: string): Promise<string> =>
    await readFile(join(directory, file), 'utf8');
  try {
    if ('file' in spec) return textTokenizer(JSON.parse(await read(spec.file)));
    const [vocab, merges] = await Promise.all([read(spec.vocab), read(spec.merges)]);
    return textTokenizer(clipTokenizerFile(JSON.parse(vocab), merges));
  } catch (error) {
    throw new FoveaError('MODEL_INVALID', "The model's tokenizer cannot be used.", {}, error);
  }
}
