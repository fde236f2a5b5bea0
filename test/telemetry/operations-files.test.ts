import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { rows } from '../../scripts/dashboard/panels.ts';
import { call } from '../support/accounts.ts';
import { launchRedis, type TestRedis } from '../support/redis.ts';
import { form, photo, startTestServer, type TestServer } from '../support/server.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const deploy = new URL('../../deploy/', import.meta.url);

/** What Prometheus adds, or the rules' own functions need. */
const foreignLabels = new Set(['instance', 'job', 'le']);

describe('what watches the server', { concurrency: false }, () => {
  let redis: TestRedis & { close: () => Promise<void> };
  let server: TestServer;
  let labelsOf: Map<string, Set<string>>;

  before(async () => {
    redis = await launchRedis();
    server = await startTestServer({
      REDIS_URL: redis.url,
      FOVEA_WORKERS: '1',
      FOVEA_RATE_LIMIT_SESSION: '1000000/1m',
    });
    const image = await photo('coffee.png');
    await server.fetch('/api/analyze/image', { method: 'POST', body: form(image) });
    const { body } = await call(server, 'POST /api/v1/sessions', { body: {} });
    await server.fetch(`/detect/${String(body['session_id'])}`, {
      method: 'POST',
      body: form(image),
    });
    await call(server, '/nowhere');
    labelsOf = metricsIn((await call(server, '/metrics')).text);
  });
  after(async () => {
    await server.close();
    await redis.close();
  });

  /** Problems of a query: metrics and labels that the server does not have. */
  function problemsOf(query: string): string[] {
    const used = [...query.matchAll(/\b(fovea_\w+)(?:\{([^}]*)\})?/g)];
    const known = new Set(foreignLabels);
    const problems: string[] = [];
    for (const [, metric = '', matchers = ''] of used) {
      const labels = labelsOf.get(metric);
      if (!labels) problems.push(`there is no metric ${metric}`);
      for (const label of labels ?? []) known.add(label);
      for (const [, label = ''] of matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
        if (labels && labels.size > 0 && !labels.has(label) && !foreignLabels.has(label))
          problems.push(`${metric} has no label ${label}`);
    }
    for (const [, list = ''] of query.matchAll(/\bby\s*\(([^)]*)\)/g))
      for (const label of list.split(',').map((one) => one.trim()))
        if (!known.has(label)) problems.push(`nothing in ${query} has the label ${label}`);
    return problems;
  }

  it('has alert rules that name only what the server measures', async () => {
    const text = await readFile(new URL('prometheus/alerts.yaml', deploy), 'utf8');
    const { groups } = parse(text) as { groups: { name: string; rules: Rule[] }[] };
    const rules = groups.flatMap((group) => group.rules);
    assert.ok(rules.length >= 15, `${rules.length} rules`);
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length, 'names are unique');
    for (const { alert, expr, labels, annotations } of rules) {
      assert.deepEqual(problemsOf(expr), [], alert);
      assert.match(expr, /fovea_|\bup\{/);
      assert.match(labels.severity, /^(critical|warning|info)$/, alert);
      assert.ok(annotations.summary.length > 10 && annotations.description.length > 10, alert);
    }
  });

  it('finds what is wrong with a query', () => {
    assert.deepEqual(problemsOf('rate(fovea_nothing_total[5m])'), [
      'there is no metric fovea_nothing_total',
    ]);
    assert.deepEqual(problemsOf('fovea_breaker_state{colour="red"}'), [
      'fovea_breaker_state has no label colour',
    ]);
    assert.equal(problemsOf('sum by (colour) (fovea_breaker_state)').length, 1);
  });

  it('has rules that Prometheus itself takes, and that fire when they are to', async () => {
    const cwd = new URL('prometheus/', deploy);
    const options = { cwd, timeout: 240_000 };
    await promisify(execFile)('promtool', ['check', 'rules', 'alerts.yaml'], options);
    await promisify(execFile)('promtool', ['test', 'rules', 'alerts.test.yaml'], options);
  });

  it('has a dashboard that draws only what the server measures, as its table says', async () => {
    const text = await readFile(new URL('grafana/fovea.json', deploy), 'utf8');
    const { panels } = JSON.parse(text) as {
      panels: { type: string; title: string; targets?: { expr: string; legendFormat: string }[] }[];
    };
    const drawn = panels.filter(({ type }) => type !== 'row');
    assert.deepEqual(
      drawn.map(({ title }) => title),
      rows.flatMap((row) => row.panels.map(({ title }) => title)),
      'npm run dashboard makes it anew',
    );
    for (const { title, targets = [] } of drawn)
      for (const { expr } of targets) {
        assert.deepEqual(problemsOf(expr), [], title);
        assert.match(expr, /instance=~"\$instance"/, title);
      }
  });

  it('is documented metric by metric', async () => {
    const page = await readFile(new URL('../docs/operations.md', deploy), 'utf8');
    const documented = [...page.matchAll(/^\| `(fovea_\w+)`/gm)].map(([, name]) => name);
    const measured = (await call(server, '/metrics')).text.matchAll(/^# TYPE (fovea_\w+) /gm);
    const names = new Set([...measured].map(([, name]) => name));
    assert.deepEqual(new Set(documented), names, 'the table in docs/operations.md');
  });

  it('follows the conventions of Prometheus', async () => {
    const { text } = await call(server, '/metrics');
    for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\w+)/gm)) {
      assert.match(name, /^fovea_[a-z][a-z_]*[a-z]$/);
      if (type === 'counter') assert.match(name, /_total$/);
      else assert.doesNotMatch(name, /_total$/);
      if (/duration|_wait_|_delay_/.test(name)) assert.match(name, /_seconds(_total)?$/);
      assert.doesNotMatch(name, /_(ms|millis|kb|mb)(_|$)/);
    }
  });

  it('has no more series for more paths, ids, methods and names', async () => {
    const series = async (): Promise<string[]> =>
      (await call(server, '/metrics')).text
        .split('\n')
        .filter((line) => line.startsWith('fovea_'))
        .map((line) => line.slice(0, line.lastIndexOf(' ')));
    const strangers = async (): Promise<void> => {
      const word = randomBytes(6).toString('hex');
      const id = randomUUID();
      const key = { 'x-api-key': `fov_${word}` };
      await Promise.all([
        ...[`/${word}`, `/api/v1/${word}/${word}`, `/api/v1/sessions/${id}`].map((path) =>
          call(server, path),
        ),
        ...[`images/${id}`, `models/${id}`, `predictions/${id}`, `jobs/${id}`].map((path) =>
          call(server, `/api/v1/${path}`),
        ),
        call(server, `POST /api/v1/predict/${id}`, { body: { inputs: [[1]] } }),
        call(server, `POST /api/v1/detect?model=${word}`, { body: {} }),
        call(server, `DELETE /detect/${id}`),
        call(server, `PUT /${word}`),
        call(server, '/api/v1/images', { headers: key }),
        call(server, '/api/v1/images', { headers: { 'x-request-id': word } }),
        call(server, 'POST /api/v1/auth/login', {
          body: { email: `${word}@example.org`, password: word.repeat(2) },
        }),
      ]);
    };
    // Until every status has come: logins are throttled after some.
    for (let round = 0; round < 15; round += 1) await strangers();
    const before = await series();
    for (let round = 0; round < 10; round += 1) await strangers();
    const known = new Set(before);
    assert.deepEqual(
      (await series()).filter((one) => !known.has(one) && !one.includes('le=')),
      [],
      'series that came with the last strangers',
    );
    assert.ok(before.length > 100 && before.length < 3_000, `${before.length} series`);
  });
});

/** Every name that can be asked for, histograms' parts included, with the labels of its series. */
function metricsIn(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\w+)/gm))
    for (const part of type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''])
      found.set(name + part, new Set());
  for (const [, name = '', labels = ''] of text.matchAll(/^(fovea_\w+)(?:\{([^}]*)\})? /gm))
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) found.get(name)?.add(label);
  return found;
}
