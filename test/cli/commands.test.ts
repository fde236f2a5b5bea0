import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Analysis } from '../../src/protocol/analysis.ts';
import { sniffFormat } from '../../src/vision/sniff.ts';
import { runFovea } from './process.ts';

const astronaut = fileURLToPath(new URL('../../photos/astronaut.png', import.meta.url));

describe('the command line', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-cli-'));
  });
  after(async () => await rm(folder, { recursive: true }));
  const fovea = (...args: string[]): ReturnType<typeof runFovea> => runFovea(args, {}, folder);

  it('analyses a photo without a server and draws what it found', async () => {
    const { code, stdout, stderr } = await fovea('analyze', astronaut, '--draw', 'out.png');
    assert.equal(code, 0, stderr);
    const found = JSON.parse(stdout) as Analysis;
    assert.equal(found.faces?.length, 1);
    assert.deepEqual([found.width, found.height], [512, 512]);
    const [drawn, plain] = await Promise.all([
      readFile(join(folder, 'out.png')),
      readFile(astronaut),
    ]);
    assert.equal(sniffFormat(drawn), 'png');
    assert.notDeepEqual(drawn, plain);
    assert.match(stderr, /1 face and 1 object drawn into out\.png/);
  });

  it('prints YAML with the same content, and draws JPEG', async () => {
    const { code, stdout } = await fovea('analyze', astronaut, '--yaml', '--draw', 'out.jpg');
    assert.equal(code, 0);
    assert.equal((parse(stdout) as Analysis).faces?.length, 1);
    assert.equal(sniffFormat(await readFile(join(folder, 'out.jpg'))), 'jpeg');
  });

  it('brings the models with visible progress, then lists them with licence and origin', async () => {
    const setup = await fovea('setup');
    assert.equal(setup.code, 0, setup.stderr);
    assert.match(setup.stdout, /blazeface-256 +\[#{20}\] .* ready in \d+ ms/);
    const models = await fovea('models');
    assert.match(models.stdout, /^NAME +VERSION +TASK +FILES +SIZE +LICENCE +ORIGIN$/m);
    assert.match(models.stdout, /^blazeface-256 +1\.2\.0 +face-detection +present .* Apache-2\.0/m);
    const json = JSON.parse((await fovea('models', '--json')).stdout) as {
      name: string;
      state: string;
    }[];
    assert.ok(json.some(({ name, state }) => name === 'blazeface-256' && state === 'present'));
  });

  it('heals a damaged model file', async () => {
    const file = join(folder, '.models/blazeface-256/1.2.0/model.onnx');
    const whole = await readFile(file);
    await writeFile(
      file,
      Buffer.concat([whole.subarray(0, 1000), Buffer.alloc(whole.length - 1000)]),
    );
    assert.match((await fovea('models')).stdout, /absent/);
    assert.equal((await fovea('setup')).code, 0);
    assert.ok((await readFile(file)).equals(whole));
  });

  async function assertMistake(args: readonly string[], message: RegExp): Promise<void> {
    const { code, stderr } = await fovea(...args);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /at async|node:internal/, 'no stack for a mistake of the caller');
  }

  it('helps, and says what is wrong with a call', async () => {
    const help = await fovea('--help');
    for (const command of ['serve', 'analyze', 'models', 'setup'])
      assert.match(help.stdout, new RegExp(`^ +${command} `, 'm'));
    assert.match(help.stdout, /^Examples:\n {2}fovea serve /m);
    assert.match((await fovea('analyze', '--help')).stdout, /--draw <file>/);
    assert.match((await fovea('--version')).stdout, /^\d+\.\d+\.\d+$/m);
    for (const [args, message] of [
      [['nonsense'], /unknown command/],
      [['analyze'], /missing required argument/],
      [['analyze', 'missing.png'], /missing\.png is no file/],
      [['analyze', astronaut, '--draw', 'out.gif'], /\.png or \.jpg/],
      [['analyze', fileURLToPath(import.meta.url)], /The content is text/],
    ] as const)
      await assertMistake(args, message);
  });

  it('says where a mistake is explained, and shows no stack', async () => {
    for (const [args, message] of [
      [['analyze', astronaut, '--draw', 'none/out.png'], /ENOENT.*none\/out\.png/],
      [['detect', astronaut, '--model', 'nobody'], /no detector nobody here; there are: centernet/],
      [['models', 'nonsense'], /unknown command 'models nonsense'\n\(fovea models --help/],
      [['models', 'push'], /'--name <name>' not specified\n\(fovea models push --help explains\)/],
      [['models', 'list', '--server', 'localhost:8000'], /Write a whole address/],
      [['models', 'push', astronaut, '--name', 'x', '--labels', 'none'], /none is no file/],
      [
        ['setup', '--server', 'http://127.0.0.1:1'],
        /no server at http:\/\/127\.0\.0\.1:1; start it/,
      ],
      [['setup', 'nobody'], /no pack "nobody"; there are: buffalo_l/],
    ] as const)
      await assertMistake(args, message);
  });

  it('reports every mistake of the configuration at once, before anything starts', async () => {
    const { code, stderr } = await runFovea(
      ['serve'],
      { PORT: 'eighty', FOVEA_WORKERS: '0' },
      folder,
    );
    assert.equal(code, 1);
    assert.match(stderr, /2 mistakes/);
    assert.match(stderr, /PORT="eighty"/);
  });
});
