import { optional, rate, type Setting } from './setting-types.ts';

/** How much one of many may ask for. */
export const limitsSettings = {
  FOVEA_RATE_LIMIT: optional(
    rate,
    'Requests of one API key or account, or under open access of one address: `600/1m`, or `off`. Unless given, `off` on loopback and `6000/1m` elsewhere. Servers on one Redis count together.',
  ),
  FOVEA_RATE_LIMIT_SESSION: optional(
    rate,
    'Frames of one session, by request or over a stream: `1800/1m`, or `off`. Unless given, `off` on loopback and `3600/1m` elsewhere.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
