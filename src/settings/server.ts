import { z } from 'zod';
import { duration, path, port, setting, text, type Setting } from './setting-types.ts';

/** Where the server listens and writes. */
export const serverSettings = {
  HOST: setting(
    text,
    '127.0.0.1',
    'Address to listen on; anything but loopback needs accounts, unless `FOVEA_AUTH=open` says otherwise.',
  ),
  PORT: setting(port, '8000', 'Port of the HTTP API; 0 takes a free one.'),
  FOVEA_DATA_DIR: setting(
    path,
    '.fovea',
    'Everything the server writes but models: database, images, journal; give it a disk that lasts.',
  ),
  LOG_LEVEL: setting(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'info',
    'Least severe log line that is written.',
  ),
  FOVEA_DRAIN_GRACE: setting(
    duration,
    '0s',
    'Time between SIGTERM and closing the port, so that a load balancer sees `ready` go false first; 5s suits Kubernetes.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
