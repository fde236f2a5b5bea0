import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

export interface Guide {
  /** Below the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** The pages that tell people how to use the server: README.md, then docs/. */
export const guides: readonly Guide[] = [
  'README.md',
  ...globSync('docs/*.md', { cwd: root }).toSorted(),
].map(readGuide);

/** Every page in Markdown that is kept, also those for who works on the server. */
export const pages: readonly Guide[] = [
  ...guides,
  ...globSync(['*.md', '{bench,console,src,test}/**/*.md'], {
    cwd: root,
    exclude: ['**/node_modules/**', 'README.md'],
  })
    .toSorted()
    .map(readGuide),
];

function readGuide(path: string): Guide {
  const text = readFileSync(join(root, path), 'utf8');
  const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(
    ([, language = '', block = '']) => ({ language, text: block }),
  );
  return { path, text, blocks };
}

/** The commands of a page's shell blocks, lines that end in a backslash joined, comments left out. */
export function commandsOf({ blocks }: Guide): string[] {
  return blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line !== '' && !line.startsWith('#'));
}
