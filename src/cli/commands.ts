import type { Command } from 'commander';

type AddCommand = (program: Command) => void;

/** Every command: one file, one line. Each is read when it is called: converting a model needs no web server. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  serve: async () => (await import('./serve.ts')).addServe,
  analyze: async () => (await import('./analyze.ts')).addAnalyze,
  detect: async () => (await import('./detect.ts')).addDetect,
  convert: async () => (await import('./convert.ts')).addConvert,
  inspect: async () => (await import('./inspect.ts')).addInspect,
  models: async () => (await import('./models.ts')).addModels,
  setup: async () => (await import('./setup.ts')).addSetup,
  users: async () => (await import('./users.ts')).addUsers,
  keys: async () => (await import('./keys.ts')).addKeys,
};

/** Adds the command that the arguments begin with; all of them where they begin with something else, such as `--help`. */
export async function addCommands(program: Command, [name = '']: readonly string[]): Promise<void> {
  const called = Object.hasOwn(commands, name) ? [commands[name]] : Object.values(commands);
  for (const load of called) (await load?.())?.(program);
}
