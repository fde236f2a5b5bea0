import { Command } from 'commander';
import { ConfigError } from '../config.ts';
import { FoveaError } from '../errors.ts';
import { addCommands } from './commands.ts';
import { version } from '../version.ts';

const program = new Command('fovea')
  .description('A model server: photos, video frames and table rows in, predictions out.')
  .version(version)
  .showHelpAfterError('(fovea --help lists the commands)')
  .addHelpText(
    'after',
    `
Examples:
  fovea serve                                 the server; the console is at /app
  fovea analyze photo.jpg --draw out.png      faces and objects of a photo
  fovea models push model.pkl --name churn    serve a model of your own
  fovea <command> --help                      what a command takes

Settings come from the environment or fovea.yaml; docs/settings.md lists them.`,
  );
await addCommands(program, process.argv.slice(2));
nameHelp(program, 'fovea');

try {
  await program.parseAsync();
} catch (error) {
  // What the operating system refuses (a disk, a right, a file) says itself what it is.
  const known =
    error instanceof ConfigError ||
    error instanceof FoveaError ||
    (error instanceof Error && 'syscall' in error);
  process.stderr.write(
    known
      ? `fovea: ${error.message}\n`
      : `fovea: ${String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = 1;
}

/** A mistake is answered with where the command it was made in is explained. */
function nameHelp(command: Command, name: string): void {
  for (const each of command.commands) {
    const full = `${name} ${each.name()}`;
    each.showHelpAfterError(`(${full} --help explains)`);
    nameHelp(each, full);
  }
}
