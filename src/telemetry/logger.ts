import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Lines leave together, at the latest after this long and when the process ends. */
const flushEveryMs = 200;

/** Paths whose values never reach a log line. */
const secrets = [
  'authorization',
  'cookie',
  'password',
  'token',
  'access_token',
  'refresh_token',
  'api_key',
  'secret',
];

/**
 * JSON lines with ISO times, on stderr unless told otherwise; stdout belongs to the person who
 * started the program. Secrets are masked at the top level and one level down.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...secrets, ...secrets.map((name) => `*.${name}`)], censor: '[redacted]' },
    },
    destination ??
      pino.destination({ dest: 2, sync: false, minLength: 4096, periodicFlush: flushEveryMs }),
  );
}
