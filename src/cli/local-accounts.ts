import { composeAccounts, type RunningAccounts } from '../compose/accounts.ts';
import { composeDatabase } from '../compose/database.ts';
import { readConfig, type Config } from '../config.ts';
import { claimDataDirectory, type DataDirectoryClaim } from '../db/data-directory.ts';
import { FoveaError } from '../errors.ts';

const databaseTimeoutMs = 60_000;

/** Accounts without a server, for the length of one command. */
export async function withLocalAccounts<T>(
  work: (accounts: RunningAccounts) => Promise<T>,
): Promise<T> {
  const config = readConfig();
  // The embedded database has one user at a time; an outside one does not mind.
  const claim = config.DATABASE_URL === undefined ? await claimOf(config) : undefined;
  const database = composeDatabase(config);
  try {
    database.start();
    await database.ready(databaseTimeoutMs);
    return await work(await composeAccounts(config, database));
  } finally {
    await database.close();
    claim?.release();
  }
}

async function claimOf(config: Config): Promise<DataDirectoryClaim> {
  try {
    return await claimDataDirectory(config.FOVEA_DATA_DIR, { address: 'the command line' });
  } catch (error) {
    if (!(error instanceof FoveaError) || error.details['pid'] === undefined) throw error;
    const message = `A server runs on this data directory (at ${String(error.details['address'])}), and the database is its own. Use its API: POST /api/v1/auth/register, with a code from POST /api/v1/invites where it asks for one.`;
    throw new FoveaError('STORAGE_UNAVAILABLE', message, error.details, error);
  }
}
