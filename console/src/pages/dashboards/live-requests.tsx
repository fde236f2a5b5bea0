import { LineChart } from '../../charts/line-chart.tsx';
import { useChoiceInAddress } from '../../parts/in-address.ts';
import { Panel } from '../../parts/panel.tsx';
import { milliseconds, percent } from '../../parts/quantities.ts';
import { Segments } from '../../parts/segments.tsx';
import { answering, ofCallers, requests } from './answered-requests.ts';
import type { LivePanelProps } from './live-view.tsx';
import { having, histogram, quantile, rate, share, type Where } from './metrics-series.ts';

const perSecond = (value: number): string =>
  `${value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1)}/s`;
const seconds = (value: number): string => milliseconds(value * 1000);

export function Traffic({ scrapes, times, span }: LivePanelProps) {
  const lines = [
    { name: 'answered', values: rate(scrapes, `${requests}_count`, answering('2')) },
    { name: 'refused (4xx)', values: rate(scrapes, `${requests}_count`, answering('4')) },
    { name: 'failed (5xx)', values: rate(scrapes, `${requests}_count`, answering('5')) },
  ];
  return (
    <Panel title="Traffic">
      <LineChart
        label="Requests per second, by how they were answered"
        {...{ times, span, lines }}
        format={perSecond}
        top={1}
      />
    </Panel>
  );
}

export function Failures({ scrapes, times, span }: LivePanelProps) {
  const name = `${requests}_count`;
  const lines = [
    { name: 'failed (5xx)', values: share(scrapes, name, answering('5'), ofCallers) },
    { name: 'refused (4xx)', values: share(scrapes, name, answering('4'), ofCallers) },
  ];
  return (
    <Panel title="Error rate">
      <LineChart
        label="Share of requests that failed or were refused, over half a minute"
        {...{ times, span, lines }}
        format={percent}
        top={0.05}
      />
    </Panel>
  );
}

export function RequestLatency(props: LivePanelProps) {
  return (
    <Panel title="Latency of requests">
      <Quantiles {...props} name={requests} where={ofCallers} label="Time to answer a request" />
    </Panel>
  );
}

const stages = ['inference', 'queue', 'decode', 'preprocess', 'postprocess'] as const;
const stageOptions = stages.map((value) => ({ value, label: value }));

export function AnalysisStages(props: LivePanelProps) {
  const [stage, setStage] = useChoiceInAddress('stage', stageOptions, 'inference');
  return (
    <Panel
      title="Latency of image analysis"
      tools={<Segments label="Stage" value={stage} options={stageOptions} onChange={setStage} />}
    >
      <Quantiles
        {...props}
        name="fovea_analysis_stage_duration_seconds"
        where={having({ stage })}
        label={`Time of the stage ${stage} of image analysis`}
      />
    </Panel>
  );
}

interface QuantilesProps extends LivePanelProps {
  readonly name: string;
  readonly where: Where;
  readonly label: string;
}

function Quantiles({ scrapes, times, span, name, where, label }: QuantilesProps) {
  const found = histogram(scrapes, name, where);
  const lines = [
    { name: 'p50', values: quantile(scrapes, found, 0.5) },
    { name: 'p95', values: quantile(scrapes, found, 0.95) },
    { name: 'p99', values: quantile(scrapes, found, 0.99) },
  ];
  return (
    <LineChart
      label={`${label}: percentiles over half a minute`}
      {...{ times, span, lines }}
      format={seconds}
      top={0.001}
    />
  );
}
