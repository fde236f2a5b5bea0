/** One line of the Prometheus text format. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Samples by name of the metric; histograms under `…_bucket`, `…_sum` and `…_count`. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

const line = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const label = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const escapes: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

/** Reads the text exposition format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). Lines that are none are passed over. */
export function parsePrometheus(text: string): Samples {
  const found = new Map<string, Sample[]>();
  for (const raw of text.split('\n')) {
    const [, name, labels = '', value = ''] = raw.startsWith('#') ? [] : (line.exec(raw) ?? []);
    if (name === undefined) continue;
    const samples = found.get(name) ?? [];
    samples.push({ labels: labelsOf(labels), value: numberOf(value) });
    found.set(name, samples);
  }
  return found;
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(label)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/\\(.)/g, (_all, letter: string) => escapes[letter] ?? letter),
    ]),
  );
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}
