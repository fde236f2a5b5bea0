import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { settings } from '../../src/config.ts';
import { errorCodes } from '../../src/errors.ts';
import { guides, pages } from '../support/guides.ts';

const root = join(import.meta.dirname, '../..');

/** As GitHub makes the anchors of headings: lower case, spaces to dashes, other signs dropped. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function scriptsOf(folder: string): Readonly<Record<string, string>> {
  const text = readFileSync(join(root, folder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { scripts: Record<string, string> }).scripts;
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, '');
}

for (const { path, text, blocks } of pages) {
  describe(path, () => {
    it('links to pages, headings and pictures that exist', () => {
      for (const [link, target = ''] of withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const place = file === '' ? join(root, path) : resolve(root, dirname(path), file);
        assert.ok(existsSync(place), `${link}: no ${relative(root, place)}`);
        if (anchor === undefined) continue;
        assert.ok(anchorsOf(readFileSync(place, 'utf8')).includes(anchor), `${link}: no heading`);
      }
    });

    it('says of every picture what it shows', () => {
      for (const [, words = ''] of text.matchAll(/!\[([^\]]*)\]\(/g)) assert.ok(words.length > 10);
    });

    it('shows JSON and YAML that can be read', () => {
      for (const { language, text: block } of blocks) {
        if (language === 'json') assert.doesNotThrow(() => JSON.parse(block), block);
        if (language === 'yaml') assert.doesNotThrow(() => parse(block), block);
      }
    });

    it('names scripts that package.json has', () => {
      for (const [, name = '', folder = '.'] of text.matchAll(/npm run ([\w-]+)(?: -w (\w+))?/g))
        assert.ok(scriptsOf(folder)[name], name);
    });
  });
}

describe('what the guides name', () => {
  it('are settings that there are', () => {
    for (const { path, text } of guides)
      for (const [name] of text.matchAll(/\bFOVEA_[A-Z0-9_]+\b/g))
        assert.ok(Object.hasOwn(settings, name) || name.endsWith('_'), `${path}: ${name}`);
  });

  it('are error codes that there are, where a status stands before them', () => {
    for (const { path, text } of guides)
      for (const [, code = ''] of text.matchAll(/\b[45]\d\d `?([A-Z]+_[A-Z_]+)\b/g))
        assert.ok(Object.hasOwn(errorCodes, code), `${path}: ${code}`);
  });

  it('are files of the repository', () => {
    for (const { path, text } of pages)
      for (const [, file = ''] of withoutBlocks(text).matchAll(
        /`((?:src|test|deploy|bench|scripts|docs|photos)\/[\w./-]*\w)`/g,
      ))
        assert.ok(
          [root, join(root, dirname(path))].some((folder) => existsSync(join(folder, file))),
          `${path}: ${file}`,
        );
  });
});
