import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { YamlWriter } from '../../src/http/yaml/yaml-writer.ts';

describe('YamlWriter', () => {
  const awkward = {
    yes: 'no',
    empty: '',
    number: '012',
    date: '2026-01-01',
    multi: 'a\nb: c',
    nothing: null,
    deep: [[1, [2.5, -0.001]], { 'a: b': '# c' }],
    big: 1e21,
    unicode: 'é☃😀',
    star: '*x',
    flag: true,
  };

  it('round-trips awkward values, short and long, in any order', async () => {
    const writer = new YamlWriter();
    const long = { ...awkward, mesh: Array.from({ length: 2000 }, (_, i) => [i, i / 7, -i - 1]) };
    const [a, b, c] = await Promise.all([
      writer.write(JSON.stringify(long)),
      writer.write(JSON.stringify(awkward)),
      writer.write(JSON.stringify({ ...long, last: 1 })),
    ]);
    assert.deepEqual(parse(a), long);
    assert.deepEqual(parse(b), awkward);
    assert.deepEqual(parse(c), { ...long, last: 1 });
    await writer.close();
  });

  it('keeps the event loop free while it writes what is long', async () => {
    const writer = new YamlWriter();
    const mesh = JSON.stringify(
      Array.from({ length: 5 }, () =>
        Array.from({ length: 468 }, (_, i) => [i / 3, i / 7, -i / 9]),
      ),
    );
    await writer.write(mesh);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const started = performance.now();
    await writer.write(mesh);
    clearInterval(timer);
    assert.ok(turns > 0, `no turn of the loop in ${Math.round(performance.now() - started)} ms`);
    await writer.close();
  });
});
