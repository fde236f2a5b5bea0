import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AttemptLimit } from '../../src/accounts/attempt-limit.ts';
import { LoginThrottle } from '../../src/accounts/login-throttle.ts';
import { FoveaError } from '../../src/errors.ts';

const limited = (error: unknown): boolean =>
  error instanceof FoveaError &&
  error.code === 'RATE_LIMITED' &&
  Number(error.details['retry_after_seconds']) >= 1;

const wrong = () => Promise.resolve(false);
const right = () => Promise.resolve(true);

describe('login throttle', () => {
  it('stops one address at one account after ten failures, until the window is over', async () => {
    let now = 0;
    const throttle = new LoginThrottle(() => now);
    for (let attempt = 0; attempt < 10; attempt += 1)
      assert.equal(await throttle.attempt('ada', '10.0.0.1', wrong), false);
    await assert.rejects(throttle.attempt('ada', '10.0.0.1', right), limited, 'also when right');
    assert.equal(await throttle.attempt('ada', '10.0.0.2', right), true, 'others may go on');
    now += 15 * 60_000;
    assert.equal(await throttle.attempt('ada', '10.0.0.1', right), true);
  });

  it('counts attempts that are made at once', async () => {
    const throttle = new LoginThrottle();
    const all = await Promise.allSettled(
      Array.from({ length: 50 }, () => throttle.attempt('ada', '10.0.0.1', wrong)),
    );
    assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 10);
  });

  it('stops one address at many accounts, and many addresses at one account', async () => {
    const throttle = new LoginThrottle();
    for (let index = 0; index < 100; index += 1)
      await throttle.attempt(`user${index}`, '10.0.0.1', wrong);
    await assert.rejects(throttle.attempt('another', '10.0.0.1', right), limited);
    for (let index = 0; index < 100; index += 1)
      await throttle.attempt('ada', `10.1.0.${index}`, wrong);
    await assert.rejects(throttle.attempt('ada', '10.2.0.1', right), limited);
  });

  it('takes all addresses of one IPv6 network for one, and mapped IPv4 for what it is', async () => {
    const throttle = new LoginThrottle();
    for (let index = 0; index < 10; index += 1)
      await throttle.attempt('ada', `2001:db8:1:2::${index}`, wrong);
    await assert.rejects(throttle.attempt('ada', '2001:db8:1:2:ffff::1', right), limited);
    assert.equal(await throttle.attempt('ada', '2001:db8:1:3::1', right), true);
    for (let index = 0; index < 10; index += 1)
      await throttle.attempt('bob', index % 2 ? '10.0.0.1' : '::ffff:10.0.0.1', wrong);
    await assert.rejects(throttle.attempt('bob', '10.0.0.1', right), limited);
  });

  it('forgets failures after a success, and does not count what failed for other reasons', async () => {
    const throttle = new LoginThrottle();
    const broken = () => Promise.reject(new Error('the database is away'));
    for (let attempt = 0; attempt < 30; attempt += 1)
      await assert.rejects(throttle.attempt('ada', '10.0.0.1', broken), /away/);
    for (let round = 0; round < 5; round += 1) {
      for (let attempt = 0; attempt < 9; attempt += 1)
        await throttle.attempt('ada', '10.0.0.1', wrong);
      await throttle.attempt('ada', '10.0.0.1', right);
    }
  });

  it('remembers no more keys than it may', () => {
    const limit = new AttemptLimit({ most: 1, windowMs: 1_000, keys: 2 });
    limit.take('a');
    assert.throws(() => limit.take('a'), limited);
    limit.take('b');
    limit.take('c');
    limit.take('a'); // forgotten: the price of a bound
  });
});
