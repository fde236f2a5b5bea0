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
    '\nSettings come from the environment or fovea.yaml; docs/settings.md lists them.',
  );
await addCommands(program, process.argv.slice(2));

try {
  await program.parseAsync();
} catch (error) {
  const known = error instanceof ConfigError || error instanceof FoveaError;
  process.stderr.write(
    known
      ? `fovea: ${error.message}\n`
      : `fovea: ${String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = 1;
}
