import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultRemotePolicy, type RemotePolicy } from '../../src/remote/remote-policy.ts';
import { parseRedirect, parseRemoteUrl } from '../../src/remote/remote-url.ts';
import { failure } from './local-servers.ts';

const open: RemotePolicy = { ...defaultRemotePolicy, protocols: ['https', 'http'] };

function refused(text: string, code: Parameters<typeof failure>[0], policy = open): void {
  assert.throws(() => parseRemoteUrl(text, policy), { name: 'FoveaError', code }, text);
}

describe('parseRemoteUrl', () => {
  it('returns the URL without fragment and trailing dot', () => {
    const url = parseRemoteUrl('https://Example.COM./a b.png?x=1#secret', open);
    assert.equal(url.href, 'https://example.com/a%20b.png?x=1');
  });

  it('refuses other protocols', () => {
    const others = [
      'data:image/png;base64,AAAA',
      'file:///etc/passwd',
      'file://127.0.0.1/etc/passwd',
      'ftp://example.com/a.png',
      'blob:https://example.com/0',
      'javascript:alert(1)',
      'gopher://example.com/',
      'ws://example.com/',
    ];
    for (const other of others) refused(other, 'IMAGE_URL_FORBIDDEN');
    refused('http://example.com/', 'IMAGE_URL_FORBIDDEN', defaultRemotePolicy);
  });

  it('refuses what is not a URL', () => {
    const texts = [
      '',
      'example.com/a.png',
      '//example.com/a.png',
      '/a.png',
      'http://',
      'https:///',
    ];
    for (const text of texts) refused(text, 'IMAGE_URL_INVALID');
    refused('http://[fe80::1%25eth0]/', 'IMAGE_URL_INVALID');
    refused('http://[::1/', 'IMAGE_URL_INVALID');
    refused('http://1.2.3.4.5/', 'IMAGE_URL_INVALID');
    refused('http://example.com:99999/', 'IMAGE_URL_INVALID');
  });

  it('refuses what parsers read differently', () => {
    refused('http://good.com\\@127.0.0.1/', 'IMAGE_URL_INVALID');
    refused('http:\\\\127.0.0.1\\', 'IMAGE_URL_INVALID');
    refused('http://exam\tple.com/', 'IMAGE_URL_INVALID');
    refused('http://example.com/\r\nHost: evil', 'IMAGE_URL_INVALID');
    refused('http://example.com/\u0000', 'IMAGE_URL_INVALID');
  });

  it('refuses user names and passwords', () => {
    const texts = [
      'http://good.com@127.0.0.1/',
      'http://good.com:80@127.0.0.1/',
      'https://user@example.com/',
      'https://:password@example.com/',
      'https://good.com%2f@example.com/',
    ];
    for (const text of texts) refused(text, 'IMAGE_URL_INVALID');
  });

  it('bounds the length', () => {
    refused(`https://example.com/${'a'.repeat(8192)}`, 'IMAGE_URL_INVALID');
    assert.ok(parseRemoteUrl(`https://example.com/${'a'.repeat(4000)}`, open));
  });

  it('holds ports to the list', () => {
    assert.ok(parseRemoteUrl('https://example.com:443/', open));
    assert.ok(parseRemoteUrl('http://example.com:443/', open));
    refused('http://example.com:22/', 'IMAGE_URL_FORBIDDEN');
    refused('http://example.com/', 'IMAGE_URL_FORBIDDEN', { ...open, allowedPorts: [443] });
    refused('http://example.com:0/', 'IMAGE_URL_FORBIDDEN');
    assert.ok(parseRemoteUrl('http://example.com:8123/', { ...open, allowedPorts: [] }));
  });
});

describe('allowed domains', () => {
  const cases: [patterns: string[], host: string, allowed: boolean][] = [
    [['example.com'], 'example.com', true],
    [['example.com'], 'EXAMPLE.com', true],
    [['Example.COM'], 'example.com', true],
    [['example.com'], 'example.com.', true],
    [['example.com.'], 'example.com', true],
    [['example.com'], 'example.com..', false],
    [['example.com'], 'cdn.example.com', false],
    [['example.com'], 'notexample.com', false],
    [['example.com'], 'example.com.evil.org', false],
    [['.example.com'], 'cdn.example.com', true],
    [['.example.com'], 'a.b.example.com.', true],
    [['*.example.com'], 'cdn.example.com', true],
    [['*.example.com'], 'example.com', false],
    [['*.example.com'], 'evilexample.com', false],
    [['a.org', '*.example.com'], 'a.org', true],
    [['bücher.example'], 'xn--bcher-kva.example', true],
    [['xn--bcher-kva.example'], 'BÜCHER.example', true],
    [['example.com'], 'ex\u0430mple.com', false], // Cyrillic a
    [['example.com'], 'ｅｘａｍｐｌｅ.com', true], // full-width letters are the same name
    [['example.com'], 'example%2ecom', true],
    [['example.com'], 'example.com\u3002evil.org', false], // ideographic full stop is a dot
    [['8.8.8.8'], '8.8.8.8', true],
    [['.8.8.8'], '8.8.8.8', false],
    [['[2606:4700::1111]'], '[2606:4700:0::1111]', true],
    [[''], 'example.com', false],
    [['*'], 'example.com', false],
  ];
  for (const [patterns, host, allowed] of cases) {
    it(`${allowed ? 'lets' : 'refuses'} ${host} under ${patterns.join(', ')}`, () => {
      const policy = { ...open, allowedDomains: patterns };
      if (allowed) assert.ok(parseRemoteUrl(`https://${host}/`, policy));
      else refused(`https://${host}/`, 'IMAGE_URL_FORBIDDEN', policy);
    });
  }

  it('does not open a private address that is listed as a domain', () => {
    refused('http://10.0.0.1/', 'IMAGE_URL_FORBIDDEN', { ...open, allowedDomains: ['10.0.0.1'] });
  });
});

describe('parseRedirect', () => {
  const from = new URL('https://example.com/a/b.png');

  it('follows a relative target', () => {
    assert.equal(parseRedirect('../c.png', from, open).href, 'https://example.com/c.png');
    assert.equal(parseRedirect('//cdn.example/c', from, open).href, 'https://cdn.example/c');
  });

  it('never goes down to http, but up to https', () => {
    const down = () => parseRedirect('http://example.com/', from, open);
    assert.throws(down, failure('IMAGE_URL_FORBIDDEN', { reason: 'downgrade' }));
    const up = parseRedirect('https://example.com/', new URL('http://example.com/'), open);
    assert.equal(up.protocol, 'https:');
  });

  it('checks the target like a first URL and does not repeat it', () => {
    const targets = [
      'https://127.0.0.1/',
      'https://[::1]/',
      'https://169.254.169.254/',
      'file:///',
    ];
    for (const target of targets) {
      const redirect = () => parseRedirect(target, from, open);
      assert.throws(redirect, failure('IMAGE_URL_FORBIDDEN'));
    }
    const withUser = () => parseRedirect('https://user@example.com/', from, open);
    assert.throws(withUser, failure('IMAGE_URL_INVALID'));
    const elsewhere = () =>
      parseRedirect('https://evil.org/', from, { ...open, allowedDomains: ['example.com'] });
    assert.throws(elsewhere, failure('IMAGE_URL_FORBIDDEN', { reason: 'domain' }));
  });
});

/** Every spelling of an IPv4 address that URL parsers, libc or IPv6 translators understand. */
function notations(address: readonly number[]): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address;
  const whole = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const hex = (value: number) => `0x${value.toString(16)}`;
  const octal = (value: number) => `0${value.toString(8)}`;
  const high = ((a << 8) | b).toString(16);
  const low = ((c << 8) | d).toString(16);
  const v4 = [
    address.join('.'),
    address.map(hex).join('.'),
    address.map(octal).join('.'),
    `${hex(a)}.${b}.${octal(c)}.${d}`,
    `${a}.${b}.${(c << 8) | d}`,
    `${a}.${(b << 16) | (c << 8) | d}`,
    String(whole),
    hex(whole),
    octal(whole),
    `${address.join('.')}.`,
    address.join('。'),
    address.join('.').replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    address.join('%2e'),
  ];
  const v6 = [
    `::ffff:${address.join('.')}`,
    `::ffff:${high}:${low}`,
    `0:0:0:0:0:FFFF:${high}:${low}`,
    `::${address.join('.')}`,
    `::ffff:0:${high}:${low}`,
    `64:ff9b::${high}:${low}`,
    `2002:${high}:${low}::1`,
  ];
  return [...v4, ...v6.map((text) => `[${text}]`)];
}

describe('private addresses in every notation', () => {
  const networks: [prefix: number[], free: number][] = [
    [[127], 3],
    [[10], 3],
    [[192, 168], 2],
    [[172, 16], 2],
    [[172, 31], 2],
    [[169, 254], 2],
    [[100, 64], 2],
    [[198, 18], 2],
    [[192, 0, 0], 1],
    [[0], 3],
    [[240], 3],
    [[169, 254, 169, 254], 0],
  ];
  for (const [prefix, free] of networks) {
    it(`refuses ${prefix.join('.')} with ${free} random bytes behind`, () => {
      for (let round = 0; round < 50; round += 1) {
        const rest = Array.from({ length: free }, () => Math.floor(Math.random() * 256));
        for (const host of notations([...prefix, ...rest])) {
          refused(`http://${host}/`, 'IMAGE_URL_FORBIDDEN');
        }
      }
    });
  }
});
