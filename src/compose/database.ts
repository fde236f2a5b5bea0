import { join } from 'node:path';
import type { Config } from '../config.ts';
import { Database, type DatabaseState } from '../db/database.ts';
import { EmbeddedPostgres } from '../db/embedded-postgres.ts';
import { externalPostgres } from '../db/external-postgres.ts';

/** The database that the settings name, not started yet. The embedded one must be nobody else's: claim the data directory first. */
export function composeDatabase(
  config: Config,
  hooks: { onLine?: (line: string) => void; onChange?: (state: DatabaseState) => void } = {},
): Database {
  const source =
    config.DATABASE_URL === undefined
      ? new EmbeddedPostgres({
          directory: join(config.FOVEA_DATA_DIR, 'postgres'),
          ...(hooks.onLine ? { onLine: hooks.onLine } : {}),
        })
      : externalPostgres(config.DATABASE_URL);
  return new Database({ source, ...(hooks.onChange ? { onChange: hooks.onChange } : {}) });
}
