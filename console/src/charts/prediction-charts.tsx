import { useState } from 'react';
import { Panel } from '../parts/panel.tsx';
import { count, milliseconds, percent } from '../parts/quantities.ts';
import { Segments } from '../parts/segments.tsx';
import { LineChart } from './line-chart.tsx';
import type { PredictionTimes } from './prediction-stats.tsx';

interface PredictionChartsProps {
  readonly overview: PredictionTimes;
}

/** Predictions over time: how many, how many failed, how long they took, how many the cache answered. */
export function PredictionCharts({ overview }: PredictionChartsProps) {
  const { series, bucket_minutes } = overview;
  const [times, span] = timesOf(overview);
  const ratio = (part: 'errors' | 'cached') =>
    series.map((bucket) => (bucket.requests === 0 ? null : bucket[part] / bucket.requests));
  return (
    <>
      <Panel title="Traffic">
        <LineChart
          label={`Predictions in each ${stepText(bucket_minutes)}`}
          {...{ times, span }}
          lines={[
            { name: 'answered', values: series.map(({ requests, errors }) => requests - errors) },
            { name: 'failed', values: series.map(({ errors }) => errors) },
          ]}
          format={wholeNumber}
          top={4}
        />
      </Panel>
      <Panel title="Error rate">
        <LineChart
          label={`Share of predictions that failed, in each ${stepText(bucket_minutes)}`}
          {...{ times, span }}
          lines={[{ name: 'failed', values: ratio('errors') }]}
          format={percent}
          top={0.05}
        />
      </Panel>
      <Latency overview={overview} />
      <Panel title="Cache of predictions">
        <LineChart
          label={`Share of predictions that the cache answered, in each ${stepText(bucket_minutes)}`}
          {...{ times, span }}
          lines={[{ name: 'from the cache', values: ratio('cached') }]}
          format={percent}
          top={1}
        />
      </Panel>
    </>
  );
}

const stages = [
  { value: 'total', label: 'total' },
  { value: 'inference', label: 'inference' },
  { value: 'queue', label: 'queue' },
  { value: 'load', label: 'load' },
] as const;

function Latency({ overview }: PredictionChartsProps) {
  const [stage, setStage] = useState<(typeof stages)[number]['value']>('total');
  const [times, span] = timesOf(overview);
  const of = (p: 'p50' | 'p95' | 'p99') =>
    overview.series.map(({ latency_ms }) => latency_ms[stage]?.[p] ?? null);
  return (
    <Panel
      title="Latency"
      tools={<Segments label="Stage" value={stage} options={stages} onChange={setStage} />}
    >
      <LineChart
        label={`Latency of predictions, ${stage}: percentiles in each ${stepText(overview.bucket_minutes)}`}
        {...{ times, span }}
        lines={[
          { name: 'p50', values: of('p50') },
          { name: 'p95', values: of('p95') },
          { name: 'p99', values: of('p99') },
        ]}
        format={milliseconds}
        top={1}
      />
    </Panel>
  );
}

function timesOf({
  series,
  from,
  to,
}: PredictionTimes): [times: number[], span: [from: number, to: number]] {
  return [
    series.map(({ at }) => Date.parse(at) / 1000),
    [Date.parse(from) / 1000, Date.parse(to) / 1000],
  ];
}

function stepText(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? 'day' : `${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? 'hour' : `${minutes / 60} hours`;
  return `${minutes} minutes`;
}

/** Ticks between whole numbers say nothing. */
function wholeNumber(value: number): string {
  return Number.isInteger(value) ? count(value) : '';
}
