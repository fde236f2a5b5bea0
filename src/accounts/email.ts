import { domainToASCII, domainToUnicode } from 'node:url';
import { FoveaError } from '../errors.ts';

export interface Email {
  /** As its owner will see it: NFKC, trimmed, the domain in lower case. */
  readonly shown: string;
  /** The one form that counts: all in lower case, the domain in ASCII (IDNA). */
  readonly key: string;
}

/** RFC 5321 §4.5.3.1, in octets. */
const most = { local: 64, all: 254 };

/** A dot-atom (RFC 5322 §3.2.3) with the letters, marks and digits of every script (RFC 6531 §3.3). Quoted forms are not taken. */
const atom = String.raw`[\p{L}\p{M}\p{N}!#$%&'*+/=?^_\x60{|}~-]+`;
const localPart = new RegExp(String.raw`^${atom}(?:\.${atom})*$`, 'u');
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const domainName = new RegExp(String.raw`^(?:${label}\.)+${label}$`);

/** @throws FoveaError REQUEST_INVALID when `text` is no e-mail address. */
export function parseEmail(text: string): Email {
  const clean = text.normalize('NFKC').trim();
  const at = clean.lastIndexOf('@');
  const local = clean.slice(0, Math.max(at, 0));
  const domain = domainToASCII(clean.slice(at + 1));
  if (!clean.isWellFormed() || !localPart.test(local)) throw invalid('the part before the @');
  // A name of digits alone at the end would be an IPv4 address.
  if (!domainName.test(domain) || /\.\d+$/.test(domain)) throw invalid('the part after the @');
  const shown = `${local}@${domainToUnicode(domain)}`;
  const key = `${local.toLowerCase().normalize('NFKC')}@${domain}`;
  if (Buffer.byteLength(local) > most.local || Buffer.byteLength(key) > most.all)
    throw invalid(`its length (at most ${most.local} bytes before the @ and ${most.all} in all)`);
  return { shown, key };
}

function invalid(what: string): FoveaError {
  const message = `The e-mail address is not valid: look at ${what}. It must look like name@example.org.`;
  return new FoveaError('REQUEST_INVALID', message, {
    issues: [{ path: '/email', message: 'must be an e-mail address' }],
  });
}
