import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { FoveaError } from '../errors.ts';

const mostBytes = 16_384;

/** Asks for a password, unseen, at a terminal; elsewhere it is the first line of the input. */
export async function readPassword(): Promise<string> {
  return process.stdin.isTTY ? await ask() : firstLine(await readInput());
}

/** Twice, as nobody sees what is typed. */
async function ask(): Promise<string> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({ input: process.stdin, output: silence, terminal: true });
  try {
    process.stderr.write('Password: ');
    const first = await line.question('');
    process.stderr.write('\nOnce more: ');
    const second = await line.question('');
    process.stderr.write('\n');
    if (first === second) return first;
    throw new FoveaError('REQUEST_INVALID', 'The two passwords differ; nothing was changed.');
  } finally {
    line.close();
  }
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes)
      throw new FoveaError('REQUEST_INVALID', `The input has more than ${mostBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}
