import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** One thread, as ours have: on few cores more of them only wait for each other. No bytecode in the tree. */
const environment = {
  PATH: process.env['PATH'],
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONUNBUFFERED: '1',
};
const here = import.meta.dirname;

/** A Python with scikit-learn, and the models it fitted: made once, kept outside of the tree. */
export interface Oracle {
  /** Holds `<name>.joblib` and `<name>.json`. */
  readonly folder: string;
  readonly versions: string;
  readonly run: (script: string, ...args: readonly string[]) => Promise<string>;
  /** FastAPI behind uvicorn, on a free port. */
  readonly serve: (processes: number) => Promise<{ port: number; child: ChildProcess }>;
}

/** Makes the environment where there is none yet: some minutes and 700 MB. `PYTHON` names the interpreter (3.11 or newer). */
export async function oracle(): Promise<Oracle> {
  const files = ['requirements.txt', 'models.py', 'large_forest.py'];
  const content = files.map((file) => readFileSync(join(here, file)));
  const [packages = '', fitted] = [content.slice(0, 1), content].map((some) =>
    createHash('sha256').update(Buffer.concat(some)).digest('hex').slice(0, 12),
  );
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'fovea-bench');
  const python = await interpreter(join(cache, `python-${packages}`));
  const folder = join(cache, `models-${fitted}`);
  const runScript = async (script: string, ...args: readonly string[]): Promise<string> => {
    const options = { cwd: here, env: environment, maxBuffer: 2 ** 28, timeout: 600_000 };
    return (await run(python, [script, ...args], options)).stdout;
  };
  if (!existsSync(folder)) {
    process.stdout.write('Fitting the models…\n');
    const unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true });
    await runScript('models.py', unfinished);
    await runScript('large_forest.py', join(unfinished, 'large.joblib'));
    renameSync(unfinished, folder);
  }
  const { stdout } = await run(python, [
    '-c',
    'import sys, sklearn, numpy, fastapi, uvicorn; print(f"Python {sys.version.split()[0]}, scikit-learn {sklearn.__version__}, numpy {numpy.__version__}, FastAPI {fastapi.__version__}, uvicorn {uvicorn.__version__}")',
  ]);
  return {
    folder,
    versions: stdout.trim(),
    run: runScript,
    serve: (processes) => serve(python, folder, processes),
  };
}

async function interpreter(place: string): Promise<string> {
  const python = join(place, 'bin/python');
  const done = join(place, 'done');
  if (existsSync(done)) return python;
  process.stdout.write('Installing scikit-learn and FastAPI for the comparison…\n');
  const options = { timeout: 900_000, maxBuffer: 2 ** 26 };
  await run(process.env['PYTHON'] ?? 'python3', ['-m', 'venv', '--clear', place], options);
  const requirements = join(here, 'requirements.txt');
  await run(python, ['-m', 'pip', 'install', '-q', '-r', requirements], options);
  mkdirSync(done);
  return python;
}

async function serve(
  python: string,
  folder: string,
  processes: number,
): Promise<{ port: number; child: ChildProcess }> {
  const args = ['-m', 'uvicorn', 'serve:app', '--port', '0', '--workers', String(processes)];
  const child = spawn(python, args, {
    cwd: here,
    env: { ...environment, MODELS: folder },
    // The access log goes to stdout, as Fovea's does.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.resume();
  const port = await new Promise<number>((resolve, reject) => {
    let [text, started] = ['', 0];
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-20_000);
      started += chunk.split('Application startup complete').length - 1;
      const found = /running on http:\/\/[^:\s]+:(\d+)/.exec(text)?.[1];
      if (found !== undefined && started >= processes) resolve(Number(found));
    });
    child.once('exit', () => reject(new Error(`uvicorn ended: ${text}`)));
    setTimeout(() => reject(new Error(`uvicorn does not start: ${text}`)), 60_000).unref();
  });
  return { port, child };
}
