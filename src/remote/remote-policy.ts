/** What may be fetched from a URL that a client wrote, and within which bounds. */
export type RemotePolicy = Readonly<{
  protocols: readonly ('https' | 'http')[];
  /**
   * Empty: any public host. `example.com` stands for itself, `.example.com` or `*.example.com` for
   * its subdomains at any depth. Written in any case, in Unicode or in punycode.
   */
  allowedDomains: readonly string[];
  /** Empty: any port. */
  allowedPorts: readonly number[];
  /** Most bytes of the body. */
  maxBytes: number;
  /** Name lookup, TCP and TLS together, in milliseconds, for each hop. */
  connectTimeoutMs: number;
  /** The whole fetch with all its redirects, in milliseconds. */
  totalTimeoutMs: number;
  /** 0: a redirect is an error. */
  maxRedirects: number;
  /**
   * Networks in CIDR notation that are reachable although they are not public. For a LAN, and for
   * tests. Cloud metadata addresses stay closed.
   */
  allowedNetworks: readonly string[];
}>;

/** Public https hosts on the usual ports; 10 MiB, 10 s. */
export const defaultRemotePolicy: RemotePolicy = {
  protocols: ['https'],
  allowedDomains: [],
  allowedPorts: [80, 443],
  maxBytes: 10 * 1024 * 1024,
  connectTimeoutMs: 3_000,
  totalTimeoutMs: 10_000,
  maxRedirects: 3,
  allowedNetworks: [],
};
