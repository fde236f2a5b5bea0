import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { createLogger } from '../../src/telemetry/logger.ts';

function logged(
  write: (logger: ReturnType<typeof createLogger>) => void,
): Record<string, unknown>[] {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => (lines.push(chunk.toString()), done()),
  });
  write(createLogger('info', sink));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('is JSON lines with level names and ISO times', () => {
    const [line] = logged((logger) => logger.warn({ group: 'vision' }, 'worker ended'));
    assert.deepEqual(
      { ...line, time: undefined },
      { level: 'warn', time: undefined, group: 'vision', msg: 'worker ended' },
    );
    assert.ok(!Number.isNaN(Date.parse(String(line?.['time']))));
  });

  it('masks secrets at the top and one level down', () => {
    const text = JSON.stringify(
      logged((logger) =>
        logger.info(
          {
            token: 'hunter2',
            headers: { authorization: 'Bearer hunter2', cookie: 'hunter2' },
            user: { password: 'hunter2' },
          },
          'x',
        ),
      ),
    );
    assert.doesNotMatch(text, /hunter2/);
    assert.match(text, /\[redacted\]/);
  });

  it('leaves out what is below its level', () => {
    assert.equal(logged((logger) => logger.debug('quiet')).length, 0);
  });
});
