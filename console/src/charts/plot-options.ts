import uPlot from 'uplot';
import { chartColours, dashes } from './colours.ts';

interface PlotFacts {
  /** Of lines. */
  readonly count: number;
  readonly format: (value: number) => string;
  readonly scales: {
    readonly current: { readonly span: readonly [from: number, to: number]; readonly top: number };
  };
  readonly onCursor: (index: number | undefined) => void;
}

/** Steps of the time axis, in seconds: from a minute to a month. */
const timeSteps = [
  60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600,
  2_592_000,
];

/** Of so many values each is marked; of more there is a line only. */
const mostPoints = 32;

/** How every chart looks: no frame, a quiet grid, the tokens' colours, a legend of our own. */
export function plotOptions({ count, format, scales, onCursor }: PlotFacts) {
  const { series, text, grid, font } = chartColours();
  const axis = { stroke: text, font, ticks: { show: false } } as const;
  return {
    height: 190,
    padding: [10, 22, 0, 0], // half of the last time on the right
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: true, range: () => [...scales.current.span] as [number, number] },
      y: { range: (_plot, _low, high) => [0, topOf(high, scales.current.top)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        incrs: timeSteps,
        space: 64,
        values: (_plot, ticks) => ticks.map((tick) => timeText(tick, scales.current.span)),
      },
      {
        ...axis,
        grid: { stroke: grid, width: 1 },
        size: 62,
        space: 40,
        values: (_plot, ticks) => ticks.map((tick) => format(tick).replace(/\.0+(?=\D|$)/, '')),
      },
    ],
    series: [
      {},
      ...Array.from({ length: count }, (_, i) => ({
        width: 2,
        stroke: series[i % series.length] ?? text,
        dash: [...(dashes[i % dashes.length] ?? [])],
        points: {
          // A line of few values would hardly be seen, and one of a single value not at all.
          show: (_plot: uPlot, _series: number, from: number, to: number) => to - from < mostPoints,
          size: 5,
          fill: series[i % series.length] ?? text,
        },
      })),
    ],
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? undefined)] },
  } satisfies Omit<uPlot.Options, 'width'>;
}

/** A little above the highest value, so that the line does not touch the edge. */
function topOf(high: number | null, least: number): number {
  return Math.max((high ?? 0) * 1.12, least) || 1;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

function timeText(seconds: number, [from, to]: readonly [number, number]): string {
  return (to - from > 2 * 86_400 ? day : clock).format(seconds * 1000);
}
