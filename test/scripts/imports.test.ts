import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { findImportProblems } from '../../scripts/check/imports.ts';

/** Problems of a source tree with these files. */
function problemsOf(files: Record<string, string>): string[] {
  const src = mkdtempSync(join(tmpdir(), 'fovea-imports-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(src, file)), { recursive: true });
      writeFileSync(join(src, file), text);
    }
    return findImportProblems(src);
  } finally {
    rmSync(src, { recursive: true });
  }
}

function assertFine(files: Record<string, string>): void {
  assert.deepEqual(problemsOf(files), []);
}

function assertOne(files: Record<string, string>, expected: RegExp): void {
  const problems = problemsOf(files);
  assert.equal(problems.length, 1, problems.join('\n'));
  assert.match(problems[0] ?? '', expected);
}

describe('import directions', () => {
  it('let a file import from below and from its own folder', () => {
    assertFine({
      'errors.ts': '',
      'http/app.ts': "import { a } from '../images/a.ts';\nimport './b.ts';",
      'http/b.ts': "import {\n  e,\n} from '../errors.ts';",
      'images/a.ts': "export * from '../protocol/image.ts';\nimport 'node:fs';",
      'protocol/image.ts': "import { z } from 'zod';",
    });
  });

  const upward = "import type { A } from '../http/a.ts';";
  const forms: Record<string, string> = {
    'a type': upward,
    'several lines': "import {\n  a,\n  b,\n} from '../http/a.ts';",
    'an export': "export { a } from '../http/a.ts';",
    'an effect': "import '../http/a.ts';",
    'a dynamic import': "const a = await import('../http/a.ts');",
    'double quotes': 'import { a } from "../http/a.ts";',
    'a line after code': 'export const x = { a: 1 }\n' + upward,
  };
  for (const [form, text] of Object.entries(forms)) {
    it(`refuse an upward import as ${form}`, () => {
      const files = { 'images/x.ts': text, 'http/a.ts': '' };
      assertOne(files, /^images\/x\.ts \(height 4\) imports http\/a\.ts \(height 5\)/);
    });
  }

  it('ignore imports in comments', () => {
    assertFine({ 'images/x.ts': "/**\n * import { a } from '../http/a.ts';\n */" });
  });

  it('refuse folders of the same height, apart from the exceptions', () => {
    assertOne({ 'engine/a.ts': "import '../worker/b.ts';" }, /imports worker\/b\.ts/);
    assertOne({ 'worker/a.ts': "import '../engine/queue.ts';" }, /imports engine\/queue\.ts/);
    assertFine({ 'worker/a.ts': "import '../engine/messages.ts';" });
    assertFine({ 'images/a.ts': "import '../models/b.ts';" });
  });

  it('refuse the rest of the server to the importers', () => {
    assertFine({ 'import/sklearn/a.ts': "import '../../onnx/b.ts';\nimport '../tfjs/c.ts';" });
    assertOne({ 'import/sklearn/a.ts': "import '../../errors.ts';" }, /onnx\/ and tensor\/ only/);
  });

  it('refuse what lies outside, apart from package.json', () => {
    assertFine({ 'version.ts': "import p from '../package.json' with { type: 'json' };" });
    assertOne({ 'cli/a.ts': "import '../../test/a.ts';" }, /outside src/);
  });

  it('refuse an unknown folder and an unknown file, saying what to do', () => {
    assertOne({ 'utils/a.ts': '' }, /utils is unknown; add it to the table/);
    assertOne({ 'stray.ts': '' }, /stray\.ts is unknown; add it to the table/);
  });
});

describe('import cycles', () => {
  it('are refused between files', () => {
    const files = {
      'vision/a.ts': "import './b.ts';",
      'vision/b.ts': "import './c.ts';",
      'vision/c.ts': "import './a.ts';",
      'vision/d.ts': "import './a.ts';",
    };
    assertOne(files, /^cycle: vision\/a\.ts -> vision\/b\.ts -> vision\/c\.ts -> vision\/a\.ts$/);
  });

  it('are refused between folders, even if no file closes one', () => {
    const files = {
      'images/a.ts': "import '../models/b.ts';",
      'models/b.ts': '',
      'models/c.ts': "import '../images/d.ts';",
      'images/d.ts': '',
    };
    assertOne(files, /^cycle: images -> models -> images$/);
  });
});

describe('reserved imports', () => {
  const cases: [specifier: string, allowed: string, refused: string][] = [
    ['onnxruntime-node', 'worker/session.ts', 'worker/main.ts'],
    ['sharp', 'vision/decode.ts', 'worker/main.ts'],
    ['pg', 'db/pool.ts', 'accounts/a.ts'],
    ['kysely/migration', 'db/pool.ts', 'accounts/a.ts'],
    ['fastify', 'http/app.ts', 'images/a.ts'],
    ['@fastify/multipart', 'http/routes/a.ts', 'cli/serve.ts'],
    ['node:child_process', 'engine/a.ts', 'cli/serve.ts'],
    ['node:child_process', 'db/a.ts', 'main.ts'],
    ['undici', 'remote/a.ts', 'images/a.ts'],
    ['undici', 'hub/a.ts', 'setup/a.ts'],
    ['@bufbuild/protobuf/wire', 'onnx/a.ts', 'tensor/a.ts'],
  ];
  for (const [specifier, allowed, refused] of cases) {
    it(`let ${allowed} import ${specifier}, but not ${refused}`, () => {
      const text = `import { a } from '${specifier}';`;
      assertFine({ [allowed]: text });
      assertOne({ [refused]: text }, new RegExp(`${refused} imports ${specifier}; only`));
    });
  }

  it('take a package that begins with the same letters for another', () => {
    assertFine({ 'images/a.ts': "import 'pg-format';\nimport 'sharpen';" });
  });
});

describe('process.env', () => {
  it('belongs to config.ts alone', () => {
    assertFine({ 'config.ts': 'const a = process.env;' });
    assertFine({ 'cli/a.ts': '// process.env is read in config.ts\n/** Not process.env. */' });
    const uses = [
      'const a = process.env.A;',
      "const a = process['env'];",
      "import { env } from 'node:process';",
      "import process, { env } from 'process';",
    ];
    for (const use of uses)
      assertOne({ 'cli/a.ts': use }, /uses process\.env; only config\.ts may/);
  });
});

describe('this source tree', () => {
  it('has a height for every folder', () => {
    const problems = findImportProblems(join(import.meta.dirname, '../../src'));
    assert.deepEqual(
      problems.filter((problem) => problem.includes('is unknown')),
      [],
    );
  });
});
