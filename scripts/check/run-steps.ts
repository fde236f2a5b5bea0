import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** A command with its arguments; it passes if it exits with 0. */
export type Step = Readonly<{ name: string; command: readonly [string, ...string[]] }>;

export type StepOptions = Readonly<{
  cwd: string;
  env: NodeJS.ProcessEnv;
  concurrency: number;
  /** For each step; one that takes longer is killed and has failed. */
  timeoutMs: number;
  write: (text: string) => void;
}>;

/**
 * Runs all steps to the end, a few at a time in their order, and writes a line for each as it ends,
 * with its output if it failed. Returns the names of those that failed.
 */
export async function runSteps(steps: readonly Step[], options: StepOptions): Promise<string[]> {
  const queue = [...steps];
  const failed: string[] = [];
  const width = Math.max(...steps.map(({ name }) => name.length));
  const takeSteps = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const start = performance.now();
      const { passed, output } = await runStep(step, options);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      const line = `${passed ? 'ok    ' : 'FAILED'}  ${step.name.padEnd(width)}  ${seconds} s\n`;
      options.write(passed ? line : `${line}${indented(output)}`);
      if (!passed) failed.push(step.name);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, takeSteps));
  return failed;
}

async function runStep({ command: [program, ...args] }: Step, options: StepOptions) {
  const { cwd, env, timeoutMs } = options;
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`cannot be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      if (signal !== null) resolve(`ended by ${signal}; the limit is ${timeoutMs / 1000} s`);
      else resolve(code === 0 ? '' : `exit code ${code}`);
    });
  });
  const [reason, ...output] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { passed: reason === '', output: `${output.join('')}\n${reason}` };
}

function indented(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => `    ${line}\n`).join('');
}
