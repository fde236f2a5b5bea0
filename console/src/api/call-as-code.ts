import type { Call } from './call.ts';

/** Stands for the token in copied code: secrets are not copied. */
const token = '$FOVEA_TOKEN';

/** The call as a curl command for a POSIX shell. */
export function asCurl(call: Call, origin: string, withToken: boolean): string {
  const parts = [`curl ${shell(origin + call.path)}`];
  if (call.method !== (call.json || call.form ? 'POST' : 'GET')) parts.push(`-X ${call.method}`);
  if (withToken) parts.push(`-H "Authorization: Bearer ${token}"`);
  if (call.accept !== undefined) parts.push(`-H ${shell(`Accept: ${call.accept}`)}`);
  if (call.json) {
    parts.push(`-H ${shell('Content-Type: application/json')}`);
    parts.push(`-d ${shell(JSON.stringify(call.json))}`);
  }
  for (const [name, value] of call.form ?? [])
    parts.push(`-F ${shell(`${name}=${typeof value === 'string' ? value : `@${value.name}`}`)}`);
  return parts.join(' \\\n  ');
}

/** The call as TypeScript that runs in Node 24 and in browsers. */
export function asTypeScript(call: Call, origin: string, withToken: boolean): string {
  const headers: string[] = [];
  if (withToken) headers.push('authorization: `Bearer ${process.env.FOVEA_TOKEN}`');
  if (call.accept !== undefined) headers.push(`accept: '${call.accept}'`);
  if (call.json) headers.push("'content-type': 'application/json'");
  const options = [`method: '${call.method}'`];
  if (headers.length > 0) options.push(`headers: { ${headers.join(', ')} }`);
  if (call.json) options.push(`body: JSON.stringify(${JSON.stringify(call.json)})`);
  if (call.form) options.push('body: form');
  return [
    ...formLines(call),
    `const response = await fetch(${JSON.stringify(origin + call.path)}, {`,
    ...options.map((option) => `  ${option},`),
    '});',
    'if (!response.ok) throw new Error(await response.text());',
    call.accept === 'application/yaml'
      ? 'console.log(await response.text());'
      : 'console.log(await response.json());',
  ].join('\n');
}

function formLines({ form }: Call): string[] {
  if (!form) return [];
  const files = form.some(([, value]) => typeof value !== 'string');
  return [
    ...(files ? ["import { openAsBlob } from 'node:fs';", ''] : []),
    'const form = new FormData();',
    ...form.map(([name, value]) =>
      typeof value === 'string'
        ? `form.set(${JSON.stringify(name)}, ${JSON.stringify(value)});`
        : `form.set(${JSON.stringify(name)}, await openAsBlob(${JSON.stringify(value.name)}), ${JSON.stringify(value.name)});`,
    ),
  ];
}

function shell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
