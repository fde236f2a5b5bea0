import type { Sample, Samples } from '../../api/prometheus.ts';

/** What `/metrics` said at one time. */
export interface Scrape {
  /** Seconds since 1970. */
  readonly at: number;
  readonly samples: Samples;
}

export type Where = (labels: Sample['labels']) => boolean;

const all: Where = () => true;
/** Quantiles are of so many seconds before each point: of a single step they would jump. */
const quantileSeconds = 30;

/** Everything under a name, added up; null when the metric is not there. */
export function sumOf({ samples }: Scrape, name: string, where: Where = all): number | null {
  const found = samples.get(name)?.filter(({ labels }) => where(labels));
  return found && found.length > 0 ? found.reduce((sum, { value }) => sum + value, 0) : null;
}

/** A gauge over time. */
export function gauge(scrapes: readonly Scrape[], name: string, where?: Where): (number | null)[] {
  return scrapes.map((scrape) => sumOf(scrape, name, where));
}

/** How much a counter grew per second before each time; null at the first, and where the server started anew. */
export function rate(scrapes: readonly Scrape[], name: string, where?: Where): (number | null)[] {
  return scrapes.map((scrape, i) => {
    const before = scrapes[i - 1];
    return before ? rateBetween(before, scrape, name, where) : null;
  });
}

function rateBetween(before: Scrape, after: Scrape, name: string, where?: Where): number | null {
  const grown = growth(before, after, name, where);
  return grown === null ? null : grown / (after.at - before.at);
}

/** How much a counter grew. A metric that was not there before had counted nothing. */
export function growth(before: Scrape, after: Scrape, name: string, where?: Where): number | null {
  if (restarted(before, after)) return null;
  return (sumOf(after, name, where) ?? 0) - (sumOf(before, name, where) ?? 0);
}

function restarted(before: Scrape, after: Scrape): boolean {
  const uptime = 'fovea_process_uptime_seconds';
  return (sumOf(after, uptime) ?? 0) < (sumOf(before, uptime) ?? 0);
}

/** Two counters as a share: part of part and rest, of the time before each point; null where neither grew. */
export function share(
  scrapes: readonly Scrape[],
  name: string,
  part: Where,
  whole: Where = all,
): (number | null)[] {
  return scrapes.map((scrape, i) => {
    const before = earlier(scrapes, i);
    return before ? shareBetween(before, scrape, name, part, whole) : null;
  });
}

export function shareBetween(
  before: Scrape,
  after: Scrape,
  name: string,
  part: Where,
  whole: Where = all,
): number | null {
  const every = growth(before, after, name, whole);
  const those = growth(before, after, name, (labels) => whole(labels) && part(labels));
  return every === null || those === null || every === 0 ? null : those / every;
}

/** A histogram over time: the counts up to each bound, at each scrape. */
interface Histogram {
  /** In the histogram's own unit, ascending; the last is infinite. */
  readonly bounds: readonly number[];
  readonly counts: readonly (readonly number[])[];
}

export function histogram(scrapes: readonly Scrape[], name: string, where: Where = all): Histogram {
  const texts = [
    ...new Set(
      (scrapes.at(-1)?.samples.get(`${name}_bucket`) ?? []).map(({ labels }) => labels['le'] ?? ''),
    ),
  ].toSorted((a, b) => boundOf(a) - boundOf(b));
  const places = new Map(texts.map((text, i) => [text, i]));
  const counts = scrapes.map(({ samples }) => {
    const sums = texts.map(() => 0);
    for (const { labels, value } of samples.get(`${name}_bucket`) ?? []) {
      const place = places.get(labels['le'] ?? '');
      if (place !== undefined && where(labels)) sums[place] = (sums[place] ?? 0) + value;
    }
    return sums;
  });
  return { bounds: texts.map(boundOf), counts };
}

function boundOf(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}

/** A quantile over time, each of the half minute before. */
export function quantile(
  scrapes: readonly Scrape[],
  { bounds, counts }: Histogram,
  q: number,
): (number | null)[] {
  return scrapes.map((scrape, i) => {
    const before = earlier(scrapes, i);
    if (!before || restarted(before, scrape)) return null;
    const old = counts[scrapes.indexOf(before)] ?? [];
    return quantileOf(
      bounds,
      (counts[i] ?? []).map((count, place) => count - (old[place] ?? 0)),
      q,
    );
  });
}

/** The scrape that quantiles and shares at a place are counted from. */
function earlier(scrapes: readonly Scrape[], i: number): Scrape | undefined {
  const now = scrapes[i]?.at ?? 0;
  const first = scrapes.findIndex(({ at }) => at >= now - quantileSeconds);
  return first < i ? scrapes[first] : scrapes[i - 1];
}

/**
 * The quantile of counts up to each bound: linear within its bucket, and the last finite bound for what lies
 * above it, as `histogram_quantile` of Prometheus has it.
 */
export function quantileOf(
  bounds: readonly number[],
  counts: readonly number[],
  q: number,
): number | null {
  const total = counts.at(-1) ?? 0;
  if (total <= 0) return null;
  const rank = q * total;
  const i = counts.findIndex((count) => count >= rank);
  const low = bounds[i - 1] ?? 0;
  const high = bounds[i] ?? low;
  if (!Number.isFinite(high)) return low;
  const under = counts[i - 1] ?? 0;
  const inside = (counts[i] ?? 0) - under;
  return inside > 0 ? low + ((high - low) * (rank - under)) / inside : low;
}

/** The values of a label, in order of their names. */
export function labelValues({ samples }: Scrape, name: string, label: string): readonly string[] {
  const found = (samples.get(name) ?? []).flatMap(({ labels }) => labels[label] ?? []);
  return [...new Set(found)].toSorted();
}

/** Labels that have these values. */
export function having(wanted: Readonly<Record<string, string>>): Where {
  return (labels) => Object.entries(wanted).every(([name, value]) => labels[name] === value);
}
