import { z } from 'zod';
import { duration, list, optional, path, setting, type Setting } from './setting-types.ts';

/** Who may come in, and how. */
export const accessSettings = {
  FOVEA_AUTH: setting(
    z.enum(['auto', 'required', 'open']),
    'auto',
    '`auto` is open on loopback and asks for accounts elsewhere; `required` always asks; `open` never does and serves anybody who can reach the port.',
  ),
  FOVEA_ALLOWED_HOSTS: setting(
    list,
    '',
    'Further `Host` names to answer to while open on loopback, such as the name a reverse proxy passes on.',
  ),
  FOVEA_REGISTRATION: optional(
    z.enum(['open', 'closed', 'invite']),
    'Who may make an account: anybody, nobody, or who has a code from an administrator; unless given, `open` on loopback and `invite` elsewhere.',
  ),
  FOVEA_ACCESS_TOKEN_TTL: setting(
    duration.pipe(z.number().min(1_000).max(86_400_000)),
    '15m',
    'How long an access token counts; short, as it is renewed without the person.',
  ),
  FOVEA_REFRESH_TOKEN_TTL: setting(
    duration.pipe(z.number().min(1_000)),
    '30d',
    'How long a login lasts that nobody uses.',
  ),
  FOVEA_KEYS_FILE: optional(
    path,
    'File of the keys that sign access tokens, `keys.json` in the data directory unless given; servers behind one address share it.',
  ),
  FOVEA_KEY_ROTATION: setting(
    duration.pipe(z.number().min(60_000)),
    '30d',
    'Age at which the signing key is replaced; tokens that it signed count until they expire.',
  ),
  FOVEA_TRUSTED_PROXIES: setting(
    list.pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
    '',
    'Addresses or networks (CIDR) of reverse proxies whose `X-Forwarded-For` says who asks; logins are throttled by that address.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
