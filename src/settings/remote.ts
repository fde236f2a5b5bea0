import {
  duration,
  flag,
  integer,
  list,
  listOf,
  ports,
  setting,
  type Setting,
} from './setting-types.ts';

/** Images fetched from an address. */
export const remoteSettings = {
  FOVEA_REMOTE_IMAGES: setting(flag, 'true', 'Whether `image_url` is accepted.'),
  FOVEA_REMOTE_PROTOCOLS: setting(
    listOf(['https', 'http']),
    'https',
    'Protocols of `image_url`; add http only for sources that have nothing else.',
  ),
  FOVEA_REMOTE_DOMAINS: setting(
    list,
    '',
    'Domains `image_url` may name (`example.com`, `.example.com` for its subdomains); empty allows any public host.',
  ),
  FOVEA_REMOTE_PORTS: setting(ports, '80,443', 'Ports `image_url` may name; `any` rules none out.'),
  FOVEA_REMOTE_NETWORKS: setting(
    list,
    '',
    'Private networks (CIDR) that `image_url` may reach all the same, for stores inside your own network.',
  ),
  FOVEA_REMOTE_TIMEOUT: setting(
    duration,
    '10s',
    'Longest time for one remote image, redirects included.',
  ),
  FOVEA_REMOTE_REDIRECTS: setting(
    integer(0, 20),
    '3',
    'Redirects followed for one remote image; each hop is checked anew.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
