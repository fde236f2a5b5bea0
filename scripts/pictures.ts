import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** Puts pictures that the console's tests took (`npm test console`) into the documentation, small enough to commit. */

const root = join(import.meta.dirname, '..');
const taken = join(root, 'artifacts/console');
const shown = join(root, 'docs/pictures');

/** What a reader sees; the names are those that the tests gave. */
const pictures = [
  'playground-analysed',
  'faces-verified',
  'live-video',
  'people-collection',
  'model-predicted',
  'model-dashboard',
  'setup-packs',
];

await mkdir(shown, { recursive: true });
for (const name of pictures) {
  const target = join(shown, `${name}.png`);
  await sharp(join(taken, `${name}.png`))
    .resize({ width: 1100 })
    .png({ palette: true, quality: 85, effort: 8 })
    .toFile(target);
  process.stdout.write(`${name}.png ${Math.round((await stat(target)).size / 1000)} kB\n`);
}
