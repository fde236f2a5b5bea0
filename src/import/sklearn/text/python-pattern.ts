/** Letters, numbers of any kind, underscore: `str.isalnum` and `_`. */
const word = '\\p{L}\\p{N}_';
/** `str.isspace`. */
export const pythonSpace =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const boundary = `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`;

/** What an escape stands for outside of and inside a set; upper case is the opposite. */
const classes: Readonly<Record<string, string>> = { w: word, d: '\\p{Nd}', s: pythonSpace };
const controls: Readonly<Record<string, string>> = {
  n: '\\n',
  t: '\\t',
  r: '\\r',
  f: '\\f',
  v: '\\v',
};

const longest = 200;

/**
 * A regular expression of Python's `re` (str, so Unicode) as one of JavaScript with the flags `gu`.
 * Undefined for what is not known to mean the same, and for what could take exponential time: a
 * repeated group that repeats or chooses within.
 */
export function javascriptPattern(python: string): string | undefined {
  const source = python.replace(/^\(\?u\)/, '');
  if (source.length > longest) return undefined;
  const reader = new PatternReader(source);
  const pattern = reader.read();
  return pattern === undefined || !compiles(pattern) ? undefined : pattern;
}

/**
 * The same expression for texts of ASCII alone, where it is several times faster: letters and digits are few, and a
 * boundary of words is JavaScript's own.
 */
export function asciiPattern(javascript: string): string {
  return javascript
    .replaceAll(boundary, '\\b')
    .replaceAll(word, 'A-Za-z0-9_')
    .replaceAll('\\p{Nd}', '0-9');
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'gu').source !== '';
  } catch {
    return false;
  }
}

class PatternReader {
  readonly #source: string;
  #at = 0;
  #groups = 0;

  constructor(source: string) {
    this.#source = source;
  }

  read(): string | undefined {
    const body = this.#alternatives();
    return body !== undefined && this.#at === this.#source.length && this.#groups <= 1
      ? body.text
      : undefined;
  }

  /** Until the closing bracket or the end; `busy` when it repeats or chooses. */
  #alternatives(): { text: string; busy: boolean } | undefined {
    let text = '';
    let busy = false;
    while (this.#at < this.#source.length && this.#source[this.#at] !== ')') {
      const atom = this.#atom();
      if (atom === undefined) return undefined;
      const quantifier = this.#quantifier();
      if (quantifier === undefined || (quantifier !== '' && atom.busy)) return undefined;
      text += atom.text + quantifier;
      busy ||= atom.busy || quantifier !== '' || atom.text === '|';
    }
    return { text, busy };
  }

  #quantifier(): string | undefined {
    const rest = this.#source.slice(this.#at);
    const [found = ''] = /^(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??/.exec(rest) ?? [];
    this.#at += found.length;
    // Possessive, or one quantifier after another.
    return found !== '' && /^[*+?{]/.test(rest.slice(found.length)) ? undefined : found;
  }

  #atom(): { text: string; busy: boolean } | undefined {
    const character = this.#source[this.#at] ?? '';
    if (character === '(') return this.#group();
    if (character === '[') return this.#set();
    if (character === '\\') return plain(this.#escape(false));
    this.#at += 1;
    if (character === '.') return plain('[^\\n]');
    if (character === '$') return plain('(?=\\n?(?![^]))');
    if ('^|'.includes(character)) return plain(character);
    return '*+?{}]'.includes(character) ? undefined : plain(character);
  }

  #group(): { text: string; busy: boolean } | undefined {
    const [open = '('] = /^\((?:\?(?:[:=!]|<[=!]))?/.exec(this.#source.slice(this.#at)) ?? [];
    if (this.#source.startsWith('(?', this.#at) && open === '(') return undefined;
    this.#at += open.length;
    if (open === '(') this.#groups += 1;
    const body = this.#alternatives();
    if (body === undefined || this.#source[this.#at] !== ')') return undefined;
    this.#at += 1;
    return { text: `${open}${body.text})`, busy: body.busy };
  }

  #set(): { text: string; busy: boolean } | undefined {
    this.#at += 1;
    let text = '[';
    if (this.#source[this.#at] === '^') {
      text += '^';
      this.#at += 1;
    }
    const first = this.#at;
    for (; this.#at < this.#source.length;) {
      const character = this.#source[this.#at] ?? '';
      if (character === ']' && this.#at > first) {
        this.#at += 1;
        return plain(`${text}]`);
      }
      if (character === '\\') {
        const escape = this.#escape(true);
        if (escape === undefined) return undefined;
        text += escape;
      } else {
        text += '[]&~'.includes(character) ? `\\u{${code(character)}}` : character;
        this.#at += 1;
      }
    }
    return undefined;
  }

  #escape(inSet: boolean): string | undefined {
    const letter = this.#source[this.#at + 1] ?? '';
    this.#at += 2;
    const set = classes[letter.toLowerCase()];
    if (set !== undefined) return setOf(set, letter === letter.toUpperCase(), inSet);
    if (letter === 'b' && !inSet) return boundary;
    if (controls[letter] !== undefined) return controls[letter];
    return /[\p{L}\p{N}]/u.test(letter) || letter === '' ? undefined : `\\u{${code(letter)}}`;
  }
}

function setOf(set: string, negated: boolean, inSet: boolean): string | undefined {
  if (!inSet) return negated ? `[^${set}]` : `[${set}]`;
  if (!negated) return set;
  return set === classes['d'] ? '\\P{Nd}' : undefined;
}

function plain(text: string | undefined): { text: string; busy: boolean } | undefined {
  return text === undefined ? undefined : { text, busy: false };
}

function code(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
