import { Option, type Command } from 'commander';
import { commandLine } from '../accounts/audit.ts';
import { role as roles, type Role } from '../protocol/account.ts';
import { withLocalAccounts } from './local-accounts.ts';
import { readPassword } from './password.ts';

export function addUsers(program: Command): void {
  program
    .command('users')
    .summary('make accounts, while no server runs')
    .command('add <email>')
    .summary('make an account, asking for its password')
    .description(
      'Makes an account in the database while no server runs on it. The password is asked for at a terminal, and read from the input elsewhere. The first account is the administrator in any case.',
    )
    .addOption(
      new Option('--role <role>', 'what it may do').choices(roles.options).default('member'),
    )
    .option('--admin', 'short for --role admin')
    .action(add);
}

async function add(email: string, options: { role: Role; admin?: true }): Promise<void> {
  const role = options.admin ? 'admin' : options.role;
  const user = await withLocalAccounts(async ({ registration }) => {
    const password = await readPassword();
    return await registration.add({ email, password, role }, commandLine);
  });
  process.stdout.write(`${user.email} is ${user.role} (${user.id})\n`);
}
