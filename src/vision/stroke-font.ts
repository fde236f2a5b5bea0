import type { Point } from '../protocol/image.ts';

/**
 * A stroke font of our own: printable ASCII, ° and ·. Drawn from data so that text appears on
 * machines without fonts or fontconfig, where system text is silently left out.
 *
 * A glyph is its width and its strokes. Each stroke is a chain of points, two base-36 digits each: x
 * to the right, y down; 0 is the top of capitals, 3 the top of small letters, 8 the base line, 10
 * (`a`) the descenders. Two equal points are a dot.
 */
const GLYPHS: Readonly<Record<string, string>> = {
  ' ': '3',
  '!': '0 0005 0808',
  '"': '2 0002 2022',
  '#': '4 1018 3038 0343 0545',
  $: '4 413010010314344547381807 2029',
  '%': '6 6008 0020220200 4666684846',
  '&': '6 681211203041420507183865',
  "'": '0 0002',
  '(': '2 20020628',
  ')': '2 00222608',
  '*': '4 2226 0345 0543',
  '+': '4 2327 0545',
  ',': '1 180a',
  '-': '3 0535',
  '.': '0 0808',
  '/': '4 4008',
  '0': '4 103041473818070110',
  '1': '4 022028 0848',
  '2': '4 01103041430848',
  '3': '4 01103041433414 344547381807',
  '4': '4 38300646',
  '5': '4 40000413334447381807',
  '6': '4 413010010718384745341405',
  '7': '4 004018',
  '8': '4 14030110304143341405071838474534',
  '9': '4 071838474130100103143443',
  ':': '0 0404 0808',
  ';': '1 1414 180a',
  '<': '4 420548',
  '=': '4 0444 0646',
  '>': '4 024508',
  '?': '4 01103041422425 2828',
  '@': '6 58180701105061655645433324263645',
  A: '6 083068 1555',
  B: '5 08004051534404 4455574808',
  C: '5 5140100107184857',
  D: '5 08003052563808',
  E: '5 50000858 0444',
  F: '5 500008 0444',
  G: '5 51401001071848575434',
  H: '5 0008 5058 0454',
  I: '2 0020 1018 0828',
  J: '4 404738180706',
  K: '5 0008 5005 2358',
  L: '4 000848',
  M: '6 0800356068',
  N: '5 08005850',
  O: '5 104051574818070110',
  P: '5 08004051534404',
  Q: '5 104051574818070110 3659',
  R: '5 08004051534404 2458',
  S: '5 514010010314445557481807',
  T: '6 0060 3038',
  U: '5 000718485750',
  V: '6 003860',
  W: '8 0028416880',
  X: '5 0058 5008',
  Y: '6 003460 3438',
  Z: '5 00500858',
  '[': '2 20000828',
  '\\': '4 0048',
  ']': '2 00202808',
  '^': '4 032043',
  _: '4 0949',
  '`': '1 0011',
  a: '4 4348 4433130407183847',
  b: '4 0008 0413334447381807',
  c: '4 4433130407183847',
  d: '4 4048 4433130407183847',
  e: '4 05454433130407183847',
  f: '3 30201118 0333',
  g: '4 43493a1a09 4433130407183847',
  h: '4 0008 0413334448',
  i: '0 0308 0101',
  j: '2 23291a0a 2121',
  k: '4 0008 4307 2548',
  l: '1 000718',
  m: '6 0308 0413233438 3443536468',
  n: '4 0308 0413334448',
  o: '4 133344473818070413',
  p: '4 030a 0413334447381807',
  q: '4 434a 4433130407183847',
  r: '3 0308 052333',
  s: '4 44331304153647381807',
  t: '3 11172838 0333',
  u: '4 0307183847 4348',
  v: '4 032843',
  w: '6 0318345863',
  x: '4 0348 4308',
  y: '4 0328 431a0a',
  z: '4 03430848',
  '{': '3 30212314252738',
  '|': '0 0009',
  '}': '3 00111324151708',
  '~': '5 051424354554',
  '°': '3 102031322313020110',
  '·': '0 0505',
};
/** An empty frame for characters that are not in the font. */
const MISSING = '4 0040480800';

/** Height of capitals, and from their top to the end of the descenders, in units of the font. */
export const CAP_HEIGHT = 8;
export const FULL_HEIGHT = 10;
const GAP = 2;

export interface TextStrokes {
  /** Chains of points in units of the font, from the top left of the text. */
  readonly strokes: readonly (readonly Point[])[];
  readonly width: number;
}

/** One line of text as strokes; control characters count as characters that are not in the font. */
export function textStrokes(text: string): TextStrokes {
  const strokes: Point[][] = [];
  let x = 0;
  for (const character of text) {
    const [width = '0', ...chains] = (GLYPHS[character] ?? MISSING).split(' ');
    for (const chain of chains) strokes.push(pointsOf(chain, x));
    x += Number.parseInt(width, 36) + GAP;
  }
  return { strokes, width: Math.max(0, x - GAP) };
}

function pointsOf(chain: string, offset: number): Point[] {
  return Array.from({ length: chain.length / 2 }, (_, index): Point => [
    offset + Number.parseInt(chain.charAt(2 * index), 36),
    Number.parseInt(chain.charAt(2 * index + 1), 36),
  ]);
}
