import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** `npm run bench -- [name …] [--record]`: the named measurements, or all; --record writes bench/results. */
const here = fileURLToPath(new URL('.', import.meta.url));
const known = readdirSync(here)
  .filter((name) => name.endsWith('.ts') && !['run.ts', 'machine.ts'].includes(name))
  .map((name) => name.slice(0, -3));
const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no benchmark ${unknown.join(', ')}; there are: ${known.join(', ')}.\n`,
  );
  process.exit(1);
}
for (const name of wanted.length > 0 ? wanted : known) {
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(process.execPath, [`${here}${name}.ts`, ...options], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
