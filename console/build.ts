import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';

/** Builds the console to dist/, where the server finds it, with each text compressed beside itself. Without the tools to build (npm ci --omit=dev) it says so and is done. */

const dist = join(import.meta.dirname, 'dist');
const encodings = { br: promisify(brotliCompress), gz: promisify(gzip) } as const;

const tools = await import('vite').catch(() => undefined);
if (tools) {
  await tools.build({ root: import.meta.dirname, logLevel: 'warn' });
  await compress();
} else
  process.stdout.write(
    'The console is not built: the development dependencies are not installed.\n',
  );

async function compress(): Promise<void> {
  const files = (await readdir(dist, { recursive: true })).filter((file) =>
    /\.(js|css|html|svg)$/.test(file),
  );
  for (const file of files) {
    const bytes = await readFile(join(dist, file));
    for (const [ending, encode] of Object.entries(encodings))
      await writeFile(join(dist, `${file}.${ending}`), await encode(bytes));
  }
}
