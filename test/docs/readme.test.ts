import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startTestServer, type TestServer } from '../support/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Pages whose shell blocks (`sh`) run as they are against a server that has just been started. */
const pages = ['README.md', 'docs/hazards.md', 'docs/security.md'];

/** Every command of a page's shell blocks, lines that end in a backslash joined. */
function commandsOf(page: string): string[] {
  return [...page.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.replaceAll('\\\n', ' ').split('\n').filter(Boolean),
  );
}

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

for (const name of pages) {
  describe(name, () => {
    const page = readFileSync(join(root, name), 'utf8');
    const commands = commandsOf(page);
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
    it('has curl lines to try', () => assert.ok(curls.length >= 2));
    for (const line of curls) {
      it(`runs: ${line}`, async () => {
        // What a line sets is needed by the lines below it.
        const [, variable] = /^(\w+)=/.exec(line) ?? [];
        const { code, stdout, stderr } = await run(
          variable ? `${line}; echo "$${variable}"` : line,
        );
        assert.equal(code, 0, stderr);
        if (variable) {
          assert.match(stdout, /^[\w-]+\n$/);
          scope.push(`${variable}=${stdout.trim()}`);
        }
        // Only security shows refusals: that is what its lines are for.
        else if (name.includes('security')) assert.match(stdout, /IMAGE_URL_FORBIDDEN/);
        else {
          assert.doesNotMatch(stdout, /"error"/);
          assert.match(stdout, /image_id|detections|faces|frames|ended/);
        }
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
      for (const [, target = ''] of page.matchAll(/\]\(([^)#]+)\)/g)) {
        if (!target.startsWith('http'))
          assert.ok(existsSync(resolve(root, dirname(name), target)), target);
      }
    });

    it('names the scripts that package.json has', () => {
      const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      };
      for (const [, name = ''] of page.matchAll(/npm run (\w+)/g)) assert.ok(scripts[name], name);
    });
  });
}
