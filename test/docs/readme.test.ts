import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startTestServer, type TestServer } from '../support/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Every command of the README's shell blocks, lines that end in a backslash joined. */
const commands = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
  block.replaceAll('\\\n', ' ').split('\n').filter(Boolean),
);

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('README', () => {
  let server: TestServer;
  let folder = '';
  const scope: string[] = [];
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'fovea-readme-'));
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  /** Runs a line as the reader would, but against the test's server and with files written elsewhere. */
  async function run(line: string): Promise<Result> {
    const adapted = line
      .replaceAll('http://127.0.0.1:8000', server.url)
      .replaceAll('npx fovea', `node ${join(root, 'bin/fovea.js')}`)
      .replace(/(--draw|-o) (\S+)/, `$1 ${folder}/$2`);
    const script = [...scope, adapted].join('\n');
    return await new Promise((done) => {
      execFile(
        'bash',
        ['-c', script],
        {
          cwd: root,
          env: {
            PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
            FOVEA_MODELS_DIR: join(folder, 'models'),
          },
          timeout: 60_000,
        },
        (error, stdout, stderr) => {
          done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
        },
      );
    });
  }

  const curls = commands.filter((line) => /\bcurl\b/.test(line));
  it('has curl lines to try', () => assert.ok(curls.length >= 5));
  for (const line of curls) {
    it(`runs: ${line}`, async () => {
      const { code, stdout, stderr } = await run(line);
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stdout, /"error"/);
      // A line that sets a variable is needed by the lines below it.
      if (/^\w+=/.test(line)) scope.push(line.replaceAll('http://127.0.0.1:8000', server.url));
      else assert.match(stdout, /image_id|detections|faces/);
    });
  }

  for (const line of commands.filter((command) => command.startsWith('npx fovea'))) {
    it(`runs: ${line}`, async () => {
      const { code, stdout, stderr } = await run(line);
      assert.equal(code, 0, stderr);
      assert.ok(stdout.length > 0);
      const drawn = /--draw (\S+)/.exec(line)?.[1];
      if (drawn) assert.ok(statSync(join(folder, drawn)).size > 1000);
    });
  }

  it('links to files that exist', () => {
    for (const [, target = ''] of readme.matchAll(/\]\(([^)#]+)\)/g)) {
      if (!target.startsWith('http')) assert.ok(existsSync(resolve(root, target)), target);
    }
  });

  it('names the scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const [, name = ''] of readme.matchAll(/npm run (\w+)/g)) assert.ok(scripts[name], name);
  });
});
