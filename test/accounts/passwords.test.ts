import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Passwords, type Hasher } from '../../src/accounts/passwords.ts';
import { WorkGate } from '../../src/accounts/work-gate.ts';
import { FoveaError } from '../../src/errors.ts';

const refused = (code: string) => (error: unknown) =>
  error instanceof FoveaError && error.code === code;

describe('passwords', () => {
  const passwords = new Passwords();

  it('are kept as argon2id with a salt of their own', async () => {
    const [one, other] = await Promise.all([
      passwords.hash('correct horse'),
      passwords.hash('correct horse'),
    ]);
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.notEqual(one, other);
    assert.equal(await passwords.matches(one, 'correct horse'), true);
    assert.equal(await passwords.matches(one, 'correct horsf'), false);
  });

  it('count to their last character, also with 1,024 of four bytes each', async () => {
    for (const letter of ['a', '😀']) {
      const long = letter.repeat(1_023);
      const stored = await passwords.hash(`${long}x`);
      assert.equal(await passwords.matches(stored, `${long}x`), true);
      assert.equal(await passwords.matches(stored, `${long}y`), false);
      assert.equal(await passwords.matches(stored, long), false);
      assert.equal(await passwords.matches(stored, `${long}xx`), false);
    }
  });

  it('keep null characters and the space around them', async () => {
    const stored = await passwords.hash(' pass\u0000word ');
    assert.equal(await passwords.matches(stored, ' pass\u0000word '), true);
    for (const other of ['pass\u0000word', ' pass', ' pass\u0000word'])
      assert.equal(await passwords.matches(stored, other), false, JSON.stringify(other));
  });

  it('are the same however the accents were typed', async () => {
    const stored = await passwords.hash('u\u0308ber-stra\u00dfe');
    assert.equal(await passwords.matches(stored, '\u00fcber-stra\u00dfe'), true);
    assert.equal(await passwords.matches(stored, 'uber-stra\u00dfe'), false);
  });

  it('have 8 to 1,024 characters', async () => {
    for (const bad of ['', '1234567', '😀'.repeat(7), 'a'.repeat(1_025), `abcdefgh\ud800`])
      await assert.rejects(passwords.hash(bad), refused('REQUEST_INVALID'));
    await passwords.hash('12345678');
  });

  it('are checked once whether or not there is an account', async () => {
    let checks = 0;
    const counting: Hasher = {
      hash: (password) => Promise.resolve(`hash of ${password}`),
      verify: async () => {
        checks += 1;
        await sleep(1);
        return true;
      },
    };
    const counted = new Passwords(counting);
    assert.equal(await counted.matches('hash of somebody', 'word'), true);
    assert.equal(checks, 1);
    assert.equal(await counted.matches(undefined, 'word'), false, 'never, even if it matched');
    assert.equal(checks, 2);
  });

  it('take as long for nobody as for somebody', async () => {
    const stored = await passwords.hash('correct horse');
    const time = async (against: string | undefined): Promise<number> => {
      const started = process.cpuUsage(); // of all threads: nothing else computes here
      await passwords.matches(against, 'wrong horse');
      return process.cpuUsage(started).user;
    };
    const times = { somebody: [] as number[], nobody: [] as number[] };
    for (let round = 0; round < 15; round += 1) {
      times.somebody.push(await time(stored));
      times.nobody.push(await time(undefined));
    }
    const median = (list: number[]): number => list.toSorted((a, b) => a - b)[7] ?? 0;
    const ratio = median(times.nobody) / median(times.somebody);
    assert.ok(ratio > 0.5 && ratio < 2, `ratio ${ratio}`);
  });
});

describe('the gate before hashing', () => {
  it('lets two in, some wait, and refuses the rest at once', async () => {
    const gate = new WorkGate({ width: 2, queue: 3 });
    let [running, peak] = [0, 0];
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const work = async (): Promise<void> => {
      running += 1;
      peak = Math.max(peak, running);
      await opened;
      running -= 1;
    };
    const all = Array.from({ length: 5 }, () => gate.run(work));
    await assert.rejects(gate.run(work), refused('QUEUE_FULL'));
    open();
    await Promise.all(all);
    assert.equal(peak, 2);
    assert.equal(await gate.run(() => Promise.resolve('again')), 'again');
  });

  it('goes on after work that fails', async () => {
    const gate = new WorkGate({ width: 1, queue: 1 });
    const failing = gate.run(() => Promise.reject(new Error('no')));
    const next = gate.run(() => Promise.resolve('yes'));
    await assert.rejects(failing, /no/);
    assert.equal(await next, 'yes');
  });
});
