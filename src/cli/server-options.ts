import { InvalidArgumentError, type Command } from 'commander';

/** Where the running server is, for commands that talk to one over HTTP. */
export interface ServerOptions {
  readonly server: string;
  readonly token?: string;
}

export const defaultServer = 'http://127.0.0.1:8000';

/** Adds `--server`, with the default address if the command needs a server at all, and `--token`. */
export function withServer(command: Command, what: string, address?: string): Command {
  return command
    .option('--server <url>', what, serverAddress, address)
    .option('--token <token>', 'API key or access token, where the server has accounts');
}

/** What to do about a server that does not answer. */
export function noServerAt(server: string): string {
  return `There is no server at ${server}; start it with fovea serve, or name another with --server.`;
}

/** @throws InvalidArgumentError which commander tells with the option's name */
function serverAddress(value: string): string {
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return value;
  throw new InvalidArgumentError(`Write a whole address, such as ${defaultServer}.`);
}
