import { Database } from '../../src/db/database.ts';
import type { ConnectionTarget } from '../../src/db/database-source.ts';

/** In a child process: the database that the parent's test made, by its target as JSON. */
export function childDatabase(target: string): Database {
  const parsed = JSON.parse(target) as ConnectionTarget;
  return new Database({
    source: {
      name: 'the test database',
      start: () => Promise.resolve(parsed),
      stop: () => Promise.resolve(),
      onLost: () => {},
    },
  });
}
