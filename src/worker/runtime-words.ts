const mostCharacters = 300;

/** What the runtime says is wrong, without paths of this machine, on one line. */
export function runtimeWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const words = text
    .replaceAll(/(?:\/[^\s/:'"]+){2,}/g, 'model')
    .replaceAll(/[A-Za-z]:\\[^\s'"]+/g, 'model')
    .replaceAll(/[^\P{C}]+|\s+/gu, ' ')
    .trim();
  return words.length > mostCharacters ? `${words.slice(0, mostCharacters)}…` : words;
}
