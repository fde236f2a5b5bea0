#!/usr/bin/env node
// Plain JavaScript for any Node: it hands over to Node 24, which npm installs beside the other packages.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const needed = 24;
const entry = new URL('../src/cli/main.ts', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= needed) {
  // Compiled code is kept beside the packages it belongs to; where that is read-only, Node does without.
  module.enableCompileCache?.(
    fileURLToPath(new URL('../node_modules/.cache/fovea', import.meta.url)),
  );
  await import(entry.href);
} else {
  const node = findNode();
  if (!node) {
    console.error(
      `fovea: Node ${needed} or newer is needed; this is ${process.version}. Run npm ci, which brings it, or install it.`,
    );
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(entry), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

function findNode() {
  const platforms = { linux: 'linux', win32: 'win', darwin: 'darwin' };
  const name = `${platforms[process.platform]}-${process.arch}`;
  const program = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const places = [`node-${name}`, `node-bin-${name}`].map((folder) =>
    fileURLToPath(new URL(`../node_modules/${folder}/${program}`, import.meta.url)),
  );
  return places.find((place) => existsSync(place));
}
