import type { Command } from 'commander';
import { signingKeys } from '../compose/accounts.ts';
import { readConfig } from '../config.ts';

export function addKeys(program: Command): void {
  program
    .command('keys')
    .summary('the keys that sign access tokens')
    .command('rotate')
    .summary('sign with a new key from now on')
    .description(
      'Makes a new signing key; a running server takes it up within seconds. Tokens of the old one count until they expire.',
    )
    .option('--end-all', 'forget the old keys: their tokens end at once, and clients refresh')
    .action(async (options: { endAll?: true }) => {
      const keys = signingKeys(readConfig());
      await keys.rotate({ endAll: options.endAll ?? false });
      process.stdout.write(`Access tokens are now signed with the key ${keys.newestId}.\n`);
    });
}
