import ipaddr from 'ipaddr.js';
import { AttemptLimit } from './attempt-limit.ts';

const windowMs = 15 * 60_000;
/** Some 20 MB at the most, if somebody fills all of it. */
const keys = 50_000;

/** One address tries one account: a person who mistypes needs fewer. */
const perPair = 10;
/** One account from everywhere: not low, or anybody could lock anybody out. */
const perAccount = 100;
/** One address on all accounts: an office behind one address needs some. */
const perAddress = 100;

/** Slows down guessing of passwords, of invite codes, and registering in bulk. Per server. */
export class LoginThrottle {
  readonly #pairs: AttemptLimit;
  readonly #accounts: AttemptLimit;
  readonly #addresses: AttemptLimit;

  constructor(now: () => number = Date.now) {
    this.#pairs = new AttemptLimit({ most: perPair, windowMs, keys, now });
    this.#accounts = new AttemptLimit({ most: perAccount, windowMs, keys, now });
    this.#addresses = new AttemptLimit({ most: perAddress, windowMs, keys, now });
  }

  /**
   * Runs a check of a password, which counts as a failed attempt before it begins, so that many at
   * once do not all slip through. When it was right, or was none because it threw, it does not count.
   * @throws FoveaError RATE_LIMITED.
   */
  async attempt(account: string, address: string, check: () => Promise<boolean>): Promise<boolean> {
    const network = networkOf(address);
    const pair = `${account} ${network}`;
    this.#addresses.take(network);
    this.#pairs.take(pair);
    this.#accounts.take(account);
    let right: boolean | undefined;
    try {
      right = await check();
      return right;
    } finally {
      if (right !== false) this.#undo(account, pair, network);
      if (right === true) this.#forgive(account, pair);
    }
  }

  #forgive(account: string, pair: string): void {
    this.#pairs.clear(pair);
    this.#accounts.clear(account);
  }

  #undo(account: string, pair: string, network: string): void {
    this.#addresses.giveBack(network);
    this.#pairs.giveBack(pair);
    this.#accounts.giveBack(account);
  }

  /** Before an account is made. @throws FoveaError RATE_LIMITED. */
  registration(address: string): void {
    this.#addresses.take(networkOf(address));
  }
}

/** Who has one IPv6 address has 2^64 of them (RFC 6177 §2): they count as one. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? parsed.toString() : parsed.toByteArray().slice(0, 8).join('.');
}
