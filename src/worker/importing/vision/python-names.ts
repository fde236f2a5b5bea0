/** More classes than any detector has. */
const mostNames = 100_000;
const longestText = 5_000_000;

/**
 * Class names as exporters print them: a dictionary of Python from 0 on (`{0: 'helmet', 1: "it's"}`) or a list
 * (`['helmet']`). undefined for everything else.
 */
export function pythonNames(text: string | undefined): string[] | undefined {
  if (text === undefined || text.length > longestText) return undefined;
  const [, open, body = '', close] = /^\s*([[{])(.*)([\]}])\s*$/s.exec(text) ?? [];
  if (open === undefined || (open === '{') !== (close === '}')) return undefined;
  const entry = /\s*(?:(\d+)\s*:\s*)?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*(?:,|$)/sy;
  const names: string[] = [];
  while (entry.lastIndex < body.length && names.length < mostNames) {
    const found = entry.exec(body);
    if (!found) return /^\s*$/.test(body.slice(entry.lastIndex)) ? names : undefined;
    const [, key, quoted = "''"] = found;
    if ((open === '{') !== (key !== undefined)) return undefined;
    if (key !== undefined && Number(key) !== names.length) return undefined;
    names.push(unquoted(quoted));
  }
  return names.length > 0 ? names : undefined;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function unquoted(text: string): string {
  return text
    .slice(1, -1)
    .replaceAll(
      /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/gis,
      (_all, byte?: string, unit?: string, other = '') =>
        byte !== undefined || unit !== undefined
          ? String.fromCharCode(Number.parseInt(byte ?? unit ?? '0', 16))
          : (escapes[other as string] ?? (other as string)),
    );
}
