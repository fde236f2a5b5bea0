import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ZipFile } from 'yazl';
import type { FoveaError } from '../../src/errors.ts';
import { Hub } from '../../src/hub/hub.ts';
import { defaultHubSettings } from '../../src/hub/hub-settings.ts';
import { FakeHub } from '../support/fake-hub.ts';

const detector = randomBytes(200_000);
const recogniser = randomBytes(300_000);
const signal = new AbortController().signal;

async function zipOf(
  directory: string,
  files: readonly (readonly [string, Buffer])[],
): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of files) zip.addBuffer(content, name);
  zip.end();
  const path = join(directory, 'made.zip');
  const output = createWriteStream(path);
  zip.outputStream.pipe(output);
  await once(output, 'close');
  return await readFile(path);
}

async function setting(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-zip-'));
  const fake = await FakeHub.start(t);
  const settings = { ...defaultHubSettings, endpoint: new URL(fake.url), silenceMs: 10_000 };
  const hub = new Hub({ settings, archives: join(directory, 'archives') });
  t.after(async () => {
    await hub.close();
    await rm(directory, { recursive: true, force: true });
  });
  const bring = async (name: string, content?: Buffer, to = name) =>
    await hub.bring(
      [`zip:hf:acme/packs@main:pack.zip#${name}`],
      join(directory, to),
      {
        ...(content ? { sha256: createHash('sha256').update(content).digest('hex') } : {}),
        maxBytes: 1e6,
      },
      { signal },
    );
  return { directory, fake, hub, bring };
}

function corrupt(words: RegExp) {
  return (error: unknown) => {
    assert.equal((error as FoveaError).code, 'MODEL_CORRUPT', String(error));
    assert.match((error as Error).message, words);
    return true;
  };
}

test('an archive is fetched once for all of its files, in whatever folder they are', async (t) => {
  const { directory, fake, hub, bring } = await setting(t);
  const archive = await zipOf(directory, [
    ['pack/det.onnx', detector],
    ['rec.onnx', recogniser],
  ]);
  fake.add('acme/packs/main/pack.zip', archive);
  await Promise.all([bring('det.onnx', detector), bring('rec.onnx', recogniser)]);
  assert.ok((await readFile(join(directory, 'det.onnx'))).equals(detector));
  assert.ok((await readFile(join(directory, 'rec.onnx'))).equals(recogniser));
  assert.equal(fake.seen('cdn').length, 1);
  await hub.removeArchives();
  assert.ok((await readdir(join(directory, 'archives'))).every((name) => !name.endsWith('.zip')));
});

test('an archive that was damaged here is fetched anew', async (t) => {
  const { directory, fake, bring } = await setting(t);
  fake.add('acme/packs/main/pack.zip', await zipOf(directory, [['det.onnx', detector]]));
  await bring('det.onnx', detector);
  const [name] = (await readdir(join(directory, 'archives'))).filter((each) =>
    each.endsWith('.zip'),
  );
  await writeFile(join(directory, 'archives', name ?? ''), randomBytes(1000));
  await bring('det.onnx', detector, 'again.onnx');
  assert.equal(fake.seen('cdn').length, 2);
});

test('archives that are refused', async (t) => {
  const { directory, fake, bring } = await setting(t);
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['a bomb', await zipOf(directory, [['det.onnx', Buffer.alloc(50_000_000)]]), /50000000 bytes/],
    ['no such file', await zipOf(directory, [['other.onnx', detector]]), /no det\.onnx/],
    [
      'two of them',
      await zipOf(directory, [
        ['a/det.onnx', detector],
        ['b/det.onnx', detector],
      ]),
      /more than once/,
    ],
    ['no archive', randomBytes(5_000), /no zip archive/],
    [
      'cut off',
      (await zipOf(directory, [['det.onnx', detector]])).subarray(0, 100_000),
      /no zip archive/,
    ],
    ['other content', await zipOf(directory, [['det.onnx', recogniser]]), /SHA-256/],
  ];
  for (const [what, archive, words] of cases) {
    fake.add('acme/packs/main/pack.zip', archive);
    await assert.rejects(bring('det.onnx', detector), corrupt(words), what);
  }
  const files = await readdir(directory);
  assert.deepEqual(
    files.filter((name) => name.startsWith('det')),
    [],
  );
});

test('a name that climbs out of its folder is refused, and nothing is written outside', async (t) => {
  const { directory, fake, bring } = await setting(t);
  const archive = await zipOf(directory, [['aa/aa/det.onnx', detector]]);
  // yazl refuses to write such a name: it is put in afterwards, in the header and in the directory.
  for (let at = archive.indexOf('aa/aa/det'); at >= 0; at = archive.indexOf('aa/aa/det', at + 1))
    archive.write('../../det', at);
  fake.add('acme/packs/main/pack.zip', archive);
  await assert.rejects(bring('det.onnx', detector), corrupt(/damaged|no zip/));
  assert.ok(!(await readdir(join(directory, '..'))).includes('det.onnx'));
});

test('a size that lies is found when the file is taken out', async (t) => {
  const { directory, fake, bring } = await setting(t);
  const archive = await zipOf(directory, [['det.onnx', Buffer.alloc(900_000)]]);
  const entry = archive.indexOf(Buffer.from('504b0102', 'hex'));
  archive.writeUInt32LE(1_000, entry + 24);
  fake.add('acme/packs/main/pack.zip', archive);
  await assert.rejects(bring('det.onnx'), corrupt(/damaged/));
});
