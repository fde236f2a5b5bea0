import type { Command } from 'commander';
import { modelLine } from '../banner.ts';
import { collectLate } from '../collect-late.ts';
import { readConfig } from '../config.ts';
import { startServer } from '../main.ts';

export function addServe(program: Command): void {
  program
    .command('serve', { isDefault: false })
    .summary('start the server')
    .description(
      'Starts the server and prints its address. The first Ctrl-C finishes what is under way, the second one ends at once.',
    )
    .action(async () => {
      collectLate();
      const server = await startServer(readConfig());
      let stopping = false;
      const stop = (grace: boolean) => (): void => {
        if (stopping) process.exit(1);
        stopping = true;
        void server.stop(grace).then(() => process.exit(0));
      };
      process.on('SIGTERM', stop(true));
      process.on('SIGINT', stop(false));
      // Whoever reads the banner may end the server: not before it knows how to end.
      process.stdout.write(server.banner);
      const say = (text: string): boolean => stopping || process.stdout.write(text);
      void server.settled.then(() => say(server.inference.registry.list().map(modelLine).join('')));
      void server.firstAccount.then((advice) => say(advice ?? ''));
    });
}
