import { asciiPattern, pythonSpace } from './python-pattern.ts';
import type { TextAnalyzer } from './text-stage.ts';

const twoSpaces = new RegExp(`[${pythonSpace}]{2,}`, 'gu');
const spaces = new RegExp(`[${pythonSpace}]+`, 'u');

/** A text as tokens or n-grams: `sklearn/feature_extraction/text.py`, `build_analyzer`. */
export function analyzerOf(analyzer: TextAnalyzer): (text: string) => string[] {
  const [from, to] = analyzer.ngrams;
  const prepare = (text: string) => stripped(analyzer, analyzer.lowercase ? lower(text) : text);
  if (analyzer.kind === 'char')
    return (text) => charGrams([...prepare(text).replace(twoSpaces, ' ')], from, to);
  if (analyzer.kind === 'char_wb')
    return (text) => {
      const words = prepare(text)
        .replace(twoSpaces, ' ')
        .split(spaces)
        .filter((w) => w !== '');
      return words.flatMap((word) => paddedGrams([...` ${word} `], from, to));
    };
  const words = wordsOf(analyzer.pattern);
  const stop = new Set(analyzer.stopWords);
  return (text) => {
    const tokens = words(prepare(text));
    const kept = stop.size === 0 ? tokens : tokens.filter((token) => !stop.has(token));
    return to === 1 && from === 1 ? kept : wordGrams(kept, from, to);
  };
}

const notAscii = /\P{ASCII}/u;

/** What the expression finds: its group, where it has one. */
function wordsOf(source: string): (text: string) => string[] {
  const any = new RegExp(source, 'gu');
  const ascii = new RegExp(asciiPattern(source), 'gu');
  const hasGroup = new RegExp(`${source}|`, 'u').exec('')?.length === 2;
  return (text) => {
    const pattern = notAscii.test(text) ? any : ascii;
    return hasGroup
      ? Array.from(text.matchAll(pattern), (match) => match[1] ?? match[0])
      : (text.match(pattern) ?? []);
  };
}

/**
 * `str.lower`. Both follow Unicode, but JavaScript's final sigma rule looks further than Python's over
 * what is not a letter; they agree within words.
 */
function lower(text: string): string {
  return text.toLowerCase();
}

/** NFKD without combining characters (`unicodedata.combining`), or without all that is not ASCII. */
function stripped({ stripAccents }: TextAnalyzer, text: string): string {
  if (stripAccents === null) return text;
  const decomposed = text.normalize('NFKD');
  if (stripAccents === 'ascii') return decomposed.replace(/\P{ASCII}/gu, '');
  return decomposed.replace(/\p{M}/gu, (mark) => (isCombining(mark) ? '' : mark));
}

/** Canonical combining class other than 0: normalisation moves the mark past one of another class. */
function isCombining(mark: string): boolean {
  // Of the classes 230, 240 and 1.
  return ['\u0301', '\u0345', '\u0334'].some(
    (other) => mark === other || moves(mark + other) || moves(other + mark),
  );
}

function moves(marks: string): boolean {
  return marks !== marks.normalize('NFD');
}

function wordGrams(tokens: readonly string[], from: number, to: number): string[] {
  const grams: string[] = [];
  for (let n = from; n <= Math.min(to, tokens.length); n += 1)
    for (let i = 0; i + n <= tokens.length; i += 1) grams.push(tokens.slice(i, i + n).join(' '));
  return grams;
}

function charGrams(characters: readonly string[], from: number, to: number): string[] {
  const grams: string[] = [];
  for (let n = from; n <= Math.min(to, characters.length); n += 1)
    for (let i = 0; i + n <= characters.length; i += 1)
      grams.push(characters.slice(i, i + n).join(''));
  return grams;
}

/** A word shorter than n counts once, whole, and is not tried with longer n-grams. */
function paddedGrams(word: readonly string[], from: number, to: number): string[] {
  const grams: string[] = [];
  for (let n = from; n <= to; n += 1) {
    grams.push(word.slice(0, n).join(''));
    for (let i = 1; i + n <= word.length; i += 1) grams.push(word.slice(i, i + n).join(''));
    if (word.length <= n) break;
  }
  return grams;
}
