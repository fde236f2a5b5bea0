import { isTextModel } from './lightgbm/text-model.ts';
import { detectCompression } from './reader/compression/decompress.ts';
import { isZip } from './reader/skops/read-skops.ts';

/**
 * Whether the first bytes of a file (some 16 are enough) are those of something that `importSklearn` may be able to
 * read: a pickle from protocol 2 on, a compressed or zipped one, a model of XGBoost or LightGBM. Protocols 0 and 1 begin like any text.
 */
export function looksLikeModelFile(head: Uint8Array): boolean {
  const [first = 0, second = 0] = head;
  if (first === 0x80) return second >= 2 && second <= 5;
  if (first === 0x7b) return startsLikeBooster(head);
  if (isZip(head)) return true;
  return (
    detectCompression(head) !== undefined || isTextModel(new TextDecoder('latin1').decode(head))
  );
}

/** An object of JSON, or of UBJSON: its first key has a length of some integer type, or all are counted. */
function startsLikeBooster(head: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(head);
  return /^\{(?:\s*"(?:learner|version|Config|Model)"\s*:|[iUIlL#$])/.test(text);
}
