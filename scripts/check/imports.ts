import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/**
 * Height of each folder and file directly under src/. A file imports from lower heights and from its
 * own folder. ARCHITECTURE.md draws the same picture.
 */
const layers: Readonly<Record<string, number>> = {
  'errors.ts': 0,
  'config.ts': 0,
  settings: 0,
  'version.ts': 0,
  telemetry: 0,
  protocol: 1,
  tensor: 1,
  vectors: 1,
  onnx: 1,
  dependencies: 1,
  vision: 2,
  text: 2,
  import: 2,
  db: 2,
  blobs: 2,
  redis: 2,
  store: 2,
  hub: 2,
  remote: 2,
  engine: 3,
  worker: 3,
  images: 4,
  collections: 4,
  faces: 4,
  objects: 4,
  embeddings: 4,
  models: 4,
  setup: 4,
  sessions: 4,
  predict: 4,
  jobs: 4,
  accounts: 4,
  limits: 4,
  analytics: 4,
  health: 4,
  http: 5,
  cli: 6,
  'banner.ts': 6,
  'collect-late.ts': 6,
  compose: 6,
  'self-test.ts': 6,
  'main.ts': 6,
};

/** Heights whose folders may import each other, as long as no cycle arises. */
const openHeights: ReadonlySet<number> = new Set([4, 6]);

/** Single permissions to import from the same height: who, and the start of what. */
const sideways: readonly (readonly [from: string, to: string])[] = [
  ['config.ts', 'errors.ts'],
  ['config.ts', 'settings/'],
  ['telemetry/', 'errors.ts'],
  ['hub/', 'db/file-lock.ts'],
  ['hub/', 'db/with-file-lock.ts'],
  ['worker/', 'engine/messages.ts'],
  ['worker/', 'engine/tasks.ts'],
  ['worker/', 'engine/tabular-tasks.ts'],
  ['worker/', 'engine/conversion-tasks.ts'],
  ['worker/', 'engine/face-tasks.ts'],
  ['worker/', 'engine/embedding-tasks.ts'],
  ['worker/', 'engine/object-tasks.ts'],
];

/** Folders that could be packages of their own: all that they may import from the rest of src/. */
const separable: Readonly<Record<string, readonly string[]>> = {
  'import/': ['onnx/', 'tensor/'],
};

/** Packages and the only places that may import them. A trailing slash means the whole scope. */
const reserved: readonly (readonly [packages: readonly string[], places: readonly string[]])[] = [
  [['onnxruntime-node'], ['worker/session.ts']],
  [['sharp'], ['vision/']],
  [['@aws-sdk/', 'cloudinary'], ['blobs/']],
  [['@redis/client'], ['redis/']],
  [['cockatiel'], ['dependencies/', 'hub/']],
  [['pg', 'kysely', 'pg-boss'], ['db/']],
  [['fastify', '@fastify/', 'fastify-type-provider-zod'], ['http/']],
  [
    ['node:child_process', 'child_process'],
    ['engine/', 'db/'],
  ],
  [['undici'], ['remote/', 'hub/']],
  [['yauzl'], ['hub/']],
  [['@huggingface/tokenizers'], ['text/']],
  [['jose', '@node-rs/argon2'], ['accounts/']],
  [['rate-limiter-flexible'], ['limits/']],
  [['@bufbuild/protobuf'], ['import/', 'onnx/']],
];

/** Code that only one file may contain. */
const reservedCode: readonly (readonly [what: string, code: RegExp, place: string])[] = [
  [
    'process.env',
    /\bprocess\??\.env\b|\bprocess\[['"]env|\benv\b.*['"](node:)?process['"]/,
    'config.ts',
  ],
];

const importPattern =
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

/** Files (or folders) by their path under src/, each with what it imports from src/, once each. */
type Graph = ReadonlyMap<string, readonly string[]>;

/** `import type` and `export type`: gone when the program runs. */
const typeOnly = /^\s*(?:import|export)\s+type\b/;

/**
 * Everything in `src` that imports in a direction it must not, one line each; empty when all is
 * well. Type imports count for directions and between folders: a type ties them together as much as a value
 * does. Between files they make no cycle: a recursive union over several files is one type.
 */
export function findImportProblems(src: string): string[] {
  const problems: string[] = [];
  const graph = new Map<string, string[]>();
  const values = new Map<string, string[]>();
  for (const file of sourceFiles(src)) {
    const text = readFileSync(join(src, file), 'utf8');
    const matches = [...text.matchAll(importPattern)];
    const specifiers = [...new Set(matches.map(specifierOf))];
    const valueSpecifiers = matches
      .filter(([statement]) => !typeOnly.test(statement))
      .map(specifierOf);
    const inside = specifiers.filter(isRelative).map((to) => targetOf(src, file, to));
    graph.set(file, inside);
    values.set(
      file,
      valueSpecifiers.filter(isRelative).map((to) => targetOf(src, file, to)),
    );
    problems.push(
      ...inside.flatMap((to) => directionProblem(file, to) ?? []),
      ...specifiers
        .filter((name) => !isRelative(name))
        .flatMap((name) => reservedProblem(file, name)),
      ...codeProblems(file, text),
    );
    if (heightOf(file) === undefined) {
      problems.push(
        `${file}: ${unitOf(file)} is unknown; add it to the table in scripts/check/imports.ts`,
      );
    }
  }
  const cycles = [...findCycles(values), ...findCycles(unitsOf(graph))];
  return [...problems, ...cycles.map((cycle) => `cycle: ${cycle.join(' -> ')}`)];
}

function sourceFiles(src: string): string[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && statSync(join(src, file)).isFile())
    .map((file) => file.split(sep).join('/'))
    .toSorted();
}

function specifierOf(match: RegExpExecArray): string {
  return match[1] ?? match[2] ?? match[3] ?? '';
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

function targetOf(src: string, file: string, specifier: string): string {
  return relative(src, resolve(src, dirname(file), specifier))
    .split(sep)
    .join('/');
}

/** The folder or file directly under src/ that a path belongs to. */
function unitOf(file: string): string {
  return file.split('/')[0] ?? file;
}

/** The same graph with whole folders as nodes: two folders that need each other are one. */
function unitsOf(graph: Graph): Graph {
  const units = new Map<string, string[]>();
  for (const [file, targets] of graph) {
    const from = unitOf(file);
    const others = targets.map(unitOf).filter((to) => to !== from);
    units.set(from, [...new Set([...(units.get(from) ?? []), ...others])]);
  }
  return units;
}

function heightOf(file: string): number | undefined {
  return layers[unitOf(file)];
}

function directionProblem(from: string, to: string): string | undefined {
  if (to === '../package.json' || (unitOf(from) === unitOf(to) && from.includes('/')))
    return undefined;
  if (to.startsWith('..')) return `${from} imports ${to}, which is outside src/`;
  const home = Object.entries(separable).find(([folder]) => from.startsWith(folder));
  if (home !== undefined && !home[1].some((allowed) => to.startsWith(allowed))) {
    return `${from} imports ${to}; ${home[0]} may import ${home[1].join(' and ')} only`;
  }
  const [low, high] = [heightOf(to), heightOf(from)];
  if (low === undefined || high === undefined || low < high) return undefined;
  if (low === high && (openHeights.has(low) || isSideways(from, to))) return undefined;
  return `${from} (height ${high}) imports ${to} (height ${low}); imports point down`;
}

function isSideways(from: string, to: string): boolean {
  return sideways.some(([who, what]) => from.startsWith(who) && to.startsWith(what));
}

function reservedProblem(file: string, specifier: string): string[] {
  return reserved
    .filter(([packages]) => packages.some((name) => isPackage(specifier, name)))
    .filter(([, places]) => !places.some((place) => file.startsWith(place)))
    .map(([, places]) => `${file} imports ${specifier}; only ${places.join(' and ')} may`);
}

function isPackage(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(name.endsWith('/') ? name : `${name}/`);
}

function codeProblems(file: string, text: string): string[] {
  const code = text.replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '');
  return reservedCode
    .filter(([, pattern, place]) => file !== place && pattern.test(code))
    .map(([what, , place]) => `${file} uses ${what}; only ${place} may`);
}

/** One cycle for each back edge of a depth-first walk, so none is missed and few are said twice. */
function findCycles(graph: Graph): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) cycles.push([...path.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return cycles;
}

if (import.meta.main) {
  const problems = findImportProblems(process.argv[2] ?? join(import.meta.dirname, '../../src'));
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
