import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEmail } from '../../src/accounts/email.ts';
import { FoveaError } from '../../src/errors.ts';

describe('e-mail addresses', () => {
  const good: readonly (readonly [text: string, shown: string, key: string])[] = [
    ['ada@example.org', 'ada@example.org', 'ada@example.org'],
    ['  Ada.L+x@EXAMPLE.Org\n', 'Ada.L+x@example.org', 'ada.l+x@example.org'],
    ['jürgen@Müller.DE', 'jürgen@müller.de', 'jürgen@xn--mller-kva.de'],
    ['ju\u0308rgen@xn--mller-kva.de', 'jürgen@müller.de', 'jürgen@xn--mller-kva.de'],
    ['ＡＤＡ＠example.org', 'ADA@example.org', 'ada@example.org'],
    ['用户@例子.广告', '用户@例子.广告', '用户@xn--fsqu00a.xn--4rr70v'],
    ["o'neil_1/2@a-b.co", "o'neil_1/2@a-b.co", "o'neil_1/2@a-b.co"],
  ];
  for (const [text, shown, key] of good)
    it(`takes ${JSON.stringify(text)}`, () => assert.deepEqual(parseEmail(text), { shown, key }));

  const bad = [
    '',
    'ada',
    '@example.org',
    'ada@',
    'ada@localhost',
    'ada@example',
    'ada@@example.org',
    'a b@example.org',
    'ada@exa mple.org',
    'ada.@example.org',
    '.ada@example.org',
    'a..b@example.org',
    '"ada"@example.org',
    'ada@[127.0.0.1]',
    'ada@127.0.0.1',
    'ada@-a.org',
    'ada\u0000@example.org',
    'ada\u200b@example.org',
    'ada\r\nbcc: x@example.org',
    'ada\ud800@example.org',
    `${'a'.repeat(65)}@example.org`,
    `ada@${'a.'.repeat(130)}org`,
  ];
  for (const text of bad)
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.throws(
        () => parseEmail(text),
        (error) => error instanceof FoveaError && error.code === 'REQUEST_INVALID',
      );
    });
});
