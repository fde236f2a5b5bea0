import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeClipPack } from './clip-pack.ts';
import { commandsOf, guides, type Guide } from './guides.ts';
import { startTestServer, type TestServer } from './server.ts';
import { servingCase } from './serving-cases.ts';
import { goldenCase, pictureModel, ultralyticsMetadata } from './vision-models.ts';

const root = join(import.meta.dirname, '../..');

/** Commands that are not run, by how they begin, and why. All others of every page are. */
export const notRun: Readonly<Record<string, string>> = {
  'npm ci': 'has run before any test can',
  'npm start': 'the server of this file stands for it; test/cli/serve.test.ts starts it so',
  'npm ci && npm test': 'runs this file',
  'FOVEA_CLIP_PACK=clip-vit-b-32 npm start':
    'the server of this file has a small pack of the same layout',
  'npx fovea setup clip-vit-b-32':
    '608 MB of the hub; test/setup/setup.test.ts brings small files so',
  'npx fovea setup buffalo_l': '341 MB of the hub; test/setup/setup.test.ts brings small files so',
  'FOVEA_FACE_PACK=buffalo_l npm start': 'needs what the line before brings',
  'curl -s --json \'{"packs": ["buffalo_l"]': 'brings the same 341 MB',
  'curl -s --json \'{"source": "hf:acme': 'nobody’s model; test/models pulls from a hub of its own',
  'npx fovea users add': 'needs a database of its own; test/cli/users.test.ts does it',
  'yolo export': 'a Python program; test/vision/detectors.test.ts reads what it writes',
  'PORT=80': 'servers on one Redis and database are tested by test/sessions and test/degradation',
};

/** Pages that have a test file of their own, so that neither takes long. */
export const imageGuides: readonly string[] = [
  'README.md',
  'docs/detection.md',
  'docs/embeddings.md',
  'docs/faces.md',
  'docs/hazards.md',
  'docs/people.md',
];

/** What readers have themselves, under the names that the pages give it. */
async function writeOwnFiles(folder: string): Promise<void> {
  for (const name of ['photos', 'docs', 'README.md'])
    await symlink(join(root, name), join(folder, name));
  for (const name of ['photo.jpg', 'frame.jpg'])
    await copyFile(join(root, 'photos/rocket.jpg'), join(folder, name));
  const detector = pictureModel(goldenCase('yolov8 at 0.25').tensors, ultralyticsMetadata());
  await writeFile(join(folder, 'best.onnx'), detector);
  const { files, inputs, predictions } = servingCase('categories');
  await writeFile(join(folder, 'churn.joblib'), Buffer.from(files[0]?.bytes ?? '', 'base64'));
  await writeFile(join(folder, 'samples.json'), JSON.stringify({ inputs, predictions }));
  for (const { name, bytes } of servingCase('text-bundle').files)
    await writeFile(join(folder, name), Buffer.from(bytes, 'base64'));
  const stream = guides.flatMap(({ blocks }) => blocks.filter(({ language }) => language === 'js'));
  assert.equal(stream.length, 1, 'the only script is stream.mjs of the page about sessions');
  await writeFile(join(folder, 'stream.mjs'), stream[0]?.text ?? '');
}

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the commands of pages against one server, each as a test of its own. */
export function runGuides(chosen: readonly Guide[]): void {
  let server: TestServer;
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-guides-'));
    await writeOwnFiles(folder);
    await writeClipPack(join(folder, 'models'), 'hf');
    server = await startTestServer({
      FOVEA_MODELS_DIR: join(folder, 'models'),
      FOVEA_CLIP_PACK: 'tiny-clip',
    });
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  /** Runs a line as a reader would, who is in the repository and has a server on port 8000. */
  async function run(line: string, variables: readonly string[]): Promise<Result> {
    const script = [
      // npx finds the program of this repository; commands for a server find this file's.
      'npx() { shift; case "$1 $2" in "models "[plrv]*) set -- "$@" --server "$SERVER";; esac; node "$PROGRAM" "$@"; }',
      'set -o pipefail',
      ...variables,
      line.replaceAll('http://127.0.0.1:8000', server.url),
    ].join('\n');
    const environment = {
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      PROGRAM: join(root, 'bin/fovea.js'),
      SERVER: server.url,
      FOVEA_DATA_DIR: join(folder, 'data'),
      FOVEA_MODELS_DIR: join(folder, 'models'),
    };
    return await new Promise((done) => {
      const options = { cwd: folder, env: environment, timeout: 100_000 };
      const child = execFile('bash', ['--norc', '-c', script], options, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      );
      child.stdin?.end();
    });
  }

  for (const guide of chosen) {
    const commands = commandsOf(guide).filter(
      (line) => !Object.keys(notRun).some((start) => line.startsWith(start)),
    );
    if (commands.length === 0) continue;
    describe(guide.path, () => {
      const variables: string[] = [];
      for (const line of commands) {
        it(`runs: ${line}`, async () => {
          // What a line sets is needed by the lines below it.
          const [, variable] = /^(\w+)=/.exec(line) ?? [];
          const echo = variable === undefined ? '' : `\necho "$${variable}"`;
          const { code, stdout, stderr } = await run(line + echo, variables);
          assert.equal(code, 0, stderr + stdout);
          if (variable !== undefined) {
            assert.match(stdout, /^\S+\n$/);
            variables.push(`${variable}=${stdout.trim()}`);
          }
          assertAnswer(line, stdout);
          const drawn = /--draw (\S+)/.exec(line)?.[1];
          if (drawn !== undefined) assert.ok((await stat(join(folder, drawn))).size > 1000);
        });
      }
    });
  }
}

/** A comment that names an error code announces a refusal; without one there is none. */
function assertAnswer(line: string, stdout: string): void {
  const announced = /# .*?\b([A-Z]+_[A-Z_]+)\b/.exec(line)?.[1];
  if (announced === undefined) assert.doesNotMatch(stdout, /"error":\{/);
  else assert.match(stdout, new RegExp(`"code":"${announced}"`));
}
