import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Lines leave together: so many bytes of them, at the latest after this long and when the process ends. */
const flushBytes = 12_288;
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

/** For lines whose fields the program chooses, none of them a secret: masking costs more than the line. */
export function accessLogger(logger: Logger): Logger {
  return logger.child({}, { redact: [] });
}

let lastMs = 0;
let lastText = '';

function timestamp(): string {
  const now = Date.now();
  if (now !== lastMs) lastText = `,"time":"${new Date(now).toISOString()}"`;
  lastMs = now;
  return lastText;
}

/**
 * JSON lines with ISO times, on stderr unless told otherwise; stdout belongs to the person who
 * started the program. Secrets are masked at the top level and one level down.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...secrets, ...secrets.map((name) => `*.${name}`)], censor: '[redacted]' },
    },
    destination ??
      pino.destination({
        dest: 2,
        sync: false,
        minLength: flushBytes,
        periodicFlush: flushEveryMs,
      }),
  );
}
