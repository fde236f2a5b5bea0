import { Counter, Gauge, type Registry } from 'prom-client';

interface Named {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: string[];
}

/** A gauge whose values are looked up when somebody asks. */
export function collectedGauge(
  registry: Registry,
  named: Named,
  collect: (gauge: Gauge) => void,
): void {
  const gauge: Gauge = new Gauge({
    ...named,
    registers: [registry],
    collect: () => {
      gauge.reset();
      collect(gauge);
    },
  });
}

/** A count that is kept elsewhere and only ever grows. */
export function collectedCounter(
  registry: Registry,
  named: Named,
  collect: (counter: Counter) => void,
): void {
  const counter: Counter = new Counter({
    ...named,
    registers: [registry],
    collect: () => {
      counter.reset();
      collect(counter);
    },
  });
}
