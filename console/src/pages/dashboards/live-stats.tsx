import { count, milliseconds, percent } from '../../parts/quantities.ts';
import { Stats, type Stat } from '../../parts/stats.tsx';
import { answering, ofCallers, requests } from './answered-requests.ts';
import {
  growth,
  having,
  histogram,
  quantileOf,
  shareBetween,
  sumOf,
  type Scrape,
} from './metrics-series.ts';

/** The five minutes in a few figures. */
export function LiveStats({ scrapes }: { readonly scrapes: readonly Scrape[] }) {
  const [first] = scrapes;
  const last = scrapes.at(-1);
  if (!first || !last) return null;
  return (
    <Stats label="At a glance" stats={[...requestStats(first, last), ...stateStats(first, last)]} />
  );
}

function requestStats(first: Scrape, last: Scrape): Stat[] {
  const number = growth(first, last, `${requests}_count`, ofCallers) ?? 0;
  const failed = shareBetween(first, last, `${requests}_count`, answering('5'), ofCallers);
  const { bounds, counts } = histogram([first, last], requests, ofCallers);
  const [old = [], now = []] = counts;
  const p95 = quantileOf(
    bounds,
    now.map((value, i) => value - (old[i] ?? 0)),
    0.95,
  );
  return [
    { name: 'Requests', value: count(number), note: sinceText(first, last) },
    {
      name: 'Failed',
      value: failed === null ? '–' : percent(failed),
      note: 'answers with 5xx',
      tone: failed !== null && failed > 0.01 ? 'bad' : undefined,
    },
    { name: 'p95', value: p95 === null ? '–' : milliseconds(p95 * 1000), note: 'time to answer' },
  ];
}

function stateStats(first: Scrape, last: Scrape): Stat[] {
  const waiting = sumOf(last, 'fovea_queue_pending_requests') ?? 0;
  const lookups = 'fovea_result_cache_lookups_total';
  const hits = shareBetween(first, last, lookups, having({ outcome: 'hit' }));
  return [
    {
      name: 'Waiting',
      value: count(waiting),
      note: `${count(sumOf(last, 'fovea_worker_running_requests') ?? 0)} in workers`,
      tone: waiting > 50 ? 'warn' : undefined,
    },
    {
      name: 'From the cache',
      value: hits === null ? '–' : percent(hits),
      note: 'of image analyses',
    },
    {
      name: 'Sessions',
      value: count(sumOf(last, 'fovea_sessions_live') ?? 0),
      note: `${count(sumOf(last, 'fovea_streams') ?? 0)} streams`,
    },
  ];
}

function sinceText(first: Scrape, last: Scrape): string {
  const seconds = Math.round(last.at - first.at);
  if (seconds < 1) return 'from now on';
  return seconds >= 290 ? 'in 5 minutes' : `in the ${seconds} s since you came`;
}
