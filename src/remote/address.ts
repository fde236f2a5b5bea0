import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.process>;
type IPv6 = ReturnType<typeof ipaddr.IPv6.parse>;
type Network = ReturnType<typeof ipaddr.parseCIDR>;

/**
 * Addresses at which clouds hand out credentials or run their own agents. Refused even inside an
 * explicitly allowed network: nobody keeps photos there. Azure's 168.63.129.16 is the reason for
 * the list: it lies in public space.
 */
const metadataAddresses: ReadonlySet<string> = new Set([
  '169.254.169.254', // AWS, Azure, Google, Oracle, DigitalOcean, OpenStack
  '169.254.170.2', // AWS ECS task credentials
  '169.254.170.23', // AWS EKS pod identity
  'fd00:ec2::254', // AWS, over IPv6
  'fd00:ec2::23', // AWS EKS pod identity, over IPv6
  'fd20:ce::254', // Google, over IPv6
  '100.100.100.200', // Alibaba
  '168.63.129.16', // Azure's wire server
  '192.0.0.192', // Oracle, classic
]);

/**
 * Not for hosts on the public internet, whatever the library's own table says in a later version.
 * RFC 6890 and the IANA special-purpose registries.
 */
const specialNetworks: readonly Network[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
].map((cidr) => ipaddr.parseCIDR(cidr));

/** The only block from which public IPv6 addresses are given out (RFC 4291 §2.4, IANA). */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** True for an address that any host on the public internet could have. */
export function isPublicAddress(address: string): boolean {
  return isAllowedAddress(address, []);
}

/**
 * True for a public address and for one inside `allowedNetworks` (CIDR notation, an operator's own
 * opening for a LAN). An IPv6 address that carries an IPv4 address through a tunnel or translator
 * is allowed only if the IPv4 address is, so that opening `64:ff9b::/96` on a NAT64 network does not
 * open 10.0.0.0/8 behind it. Anything that is not a plain address (a name, a short or octal form, a
 * zone id) is refused.
 */
export function isAllowedAddress(address: string, allowedNetworks: readonly string[]): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  const networks = allowedNetworks.map((cidr) => ipaddr.parseCIDR(cidr));
  return isAllowed(ipaddr.process(address), networks);
}

function isAllowed(address: Address, networks: readonly Network[]): boolean {
  if (metadataAddresses.has(address.toString())) return false;
  const embedded = embeddedIPv4(address);
  if (embedded !== undefined && !isAllowed(embedded, networks)) return false;
  return isPublic(address) || isInside(address, networks);
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast' || isInside(address, specialNetworks)) return false;
  return address.kind() === 'ipv4' || isInside(address, [globalUnicast]);
}

function isInside(address: Address, networks: readonly Network[]): boolean {
  return networks.some((network) => network[0].kind() === address.kind() && address.match(network));
}

/** The IPv4 address that a packet to this IPv6 address is delivered to by a translator or tunnel. */
function embeddedIPv4(address: Address): Address | undefined {
  if (!isIPv6(address)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = address.parts;
  if (a === 0x64 && b === 0xff9b) return fromParts(g, h); // NAT64, RFC 6052 and RFC 8215
  if (a === 0x2002) return fromParts(b, c); // 6to4, RFC 3056
  if (a === 0x2001 && b === 0) return fromParts(g ^ 0xffff, h ^ 0xffff); // Teredo, RFC 4380
  if ((e & 0xfdff) === 0 && f === 0x5efe) return fromParts(g, h); // ISATAP, RFC 5214
  if (a === 0 && b === 0 && c === 0 && d === 0) return fromParts(g, h); // compatible, SIIT
  return undefined;
}

function isIPv6(address: Address): address is IPv6 {
  return address.kind() === 'ipv6';
}

function fromParts(high: number, low: number): Address {
  return ipaddr.fromByteArray([high >> 8, high & 0xff, low >> 8, low & 0xff]);
}
