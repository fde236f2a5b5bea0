import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { ChartTable } from './chart-table.tsx';
import { useShownScheme } from './colours.ts';
import { Legend } from './legend.tsx';
import { plotOptions } from './plot-options.ts';
import styles from './charts.module.css';

export interface Line {
  readonly name: string;
  /** One for each time; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

interface LineChartProps {
  /** What is drawn, for who does not see it. */
  readonly label: string;
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[];
  /** At most four. */
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** From and to, in seconds since 1970. */
  readonly span: readonly [from: number, to: number];
  /** The scale reaches so far at least. */
  readonly top?: number;
}

/** Values over time. The figures under the pointer, else the latest, stand in the legend; all of them in a table below. */
export function LineChart(props: LineChartProps) {
  const { label, times, lines, format } = props;
  const [at, setAt] = useState<number>();
  const scheme = useShownScheme();
  const names = lines.map(({ name }) => name);
  const known = lines.some(({ values }) => values.some((value) => value !== null));
  const shown = at ?? lastKnown(lines);
  return (
    <figure className={styles.figure}>
      <Legend
        names={names}
        values={lines.map(({ values }) => values[shown] ?? null)}
        at={at === undefined ? undefined : times[at]}
        format={format}
      />
      <div className={styles.plot}>
        <Plot key={[scheme, ...names].join(' ')} {...props} onCursor={setAt} />
        {!known && <p className={styles.nothing}>Nothing in this time</p>}
      </div>
      <ChartTable label={label} times={times} lines={lines} format={format} />
    </figure>
  );
}

function lastKnown(lines: readonly Line[]): number {
  return Math.max(
    -1,
    ...lines.map(({ values }) => values.findLastIndex((value) => value !== null)),
  );
}

interface PlotProps extends LineChartProps {
  readonly onCursor: (index: number | undefined) => void;
}

/** The canvas. Which lines there are and in which colours is settled when it is made; the values may change. */
function Plot({ label, times, lines, format, span, top = 0, onCursor }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<uPlot>();
  const scales = useRef({ span, top });
  const count = lines.length;
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const options = plotOptions({ count, format, scales, onCursor });
    const made = new uPlot({ ...options, width: widthOf(element) }, undefined, element);
    setPlot(made);
    const observer = new ResizeObserver(() =>
      made.setSize({ width: widthOf(element), height: options.height }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      setPlot(undefined);
    };
  }, [count, format, onCursor]);
  useEffect(() => {
    scales.current = { span, top };
    plot?.setData([[...times], ...lines.map(({ values }) => [...values])]);
  }, [plot, times, lines, span, top]);
  return <div ref={place} role="img" aria-label={label} />;
}

function widthOf(element: HTMLElement): number {
  return Math.max(160, element.clientWidth);
}
