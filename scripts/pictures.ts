import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** Puts pictures that the console's tests took (`npm test console`) into the documentation, small enough to commit. */

const root = join(import.meta.dirname, '..');
const taken = join(root, 'artifacts/console');
const shown = join(root, 'docs/pictures');

/** What a reader sees, and how many pixels of it from the top; the names are those that the tests gave. */
const pictures: Readonly<Record<string, number>> = {
  'playground-analysed': 975,
  'faces-verified': 1130,
  'live-video': 860,
  'people-collection': 620,
  'model-predicted': 1000,
  'model-dashboard': 1260,
  'models-empty': 1900,
};

await mkdir(shown, { recursive: true });
for (const [name, most] of Object.entries(pictures)) {
  const target = join(shown, `${name}.png`);
  const picture = sharp(join(taken, `${name}.png`));
  const { width, height } = await picture.metadata();
  await picture
    .extract({ left: 0, top: 0, width, height: Math.min(height, most) })
    .resize({ width: 1100 })
    .png({ palette: true, quality: 85, effort: 8 })
    .toFile(target);
  process.stdout.write(`${name}.png ${Math.round((await stat(target)).size / 1000)} kB\n`);
}
