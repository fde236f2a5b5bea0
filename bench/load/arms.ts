import { quantile } from '../machine.ts';
import type { Looped } from './bare-loops.ts';
import { closedLoop } from './http-client.ts';
import { processorTimeOf, type ProcessUse } from './processes.ts';
import { percentiles } from './report.ts';

interface Run {
  readonly perSecond: number;
  readonly latencies: readonly number[];
  readonly processorMs: ReadonlyMap<ProcessUse['role'], number>;
}

/** Ways to do the same work that take turns, each measured some times for so many seconds. */
export class Arms {
  readonly #seconds: number;
  readonly #runs = new Map<string, Run[]>();

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** Runs it without looking. */
  async warm(clients: number, work: (client: number) => Promise<void>): Promise<void> {
    await closedLoop(clients, this.#seconds, work);
  }

  /** `work` again and again by so many clients, each waiting for its answer. */
  async run(name: string, clients: number, work: (client: number) => Promise<void>): Promise<void> {
    const latencies: number[] = [];
    let perSecond = 0;
    const processorMs = await processorTimeOf(async () => {
      perSecond = await closedLoop(clients, this.#seconds, async (client) => {
        const started = performance.now();
        await work(client);
        latencies.push(performance.now() - started);
      });
    });
    this.#add(name, { perSecond, latencies, processorMs });
  }

  /** What bare loops did meanwhile. */
  add(name: string, { latencies, processorMs }: Looped): void {
    const perSecond = latencies.length / this.#seconds;
    this.#add(name, { perSecond, latencies, processorMs: new Map([['worker', processorMs]]) });
  }

  /** Median over the rounds. */
  perSecond(name: string): number {
    return quantile(
      this.#of(name).map((run) => run.perSecond),
      0.5,
    );
  }

  /** Name, rate, percentiles, share of the floor's rate, processor milliseconds by who took them: a line of a table. */
  row(name: string, floor?: string): string {
    const share =
      floor === undefined ? '–' : (this.perSecond(name) / this.perSecond(floor)).toFixed(2);
    const spent =
      floor === undefined
        ? this.#each(name, ['worker'])
        : [['worker'], ['main', 'postgres', 'redis'], ['client']]
            .map((roles) => this.#each(name, roles as ProcessUse['role'][]))
            .join(' / ');
    const latencies = this.#of(name).flatMap((run) => run.latencies);
    return `| ${name} | ${this.perSecond(name).toFixed(1)} | ${percentiles(latencies)} | ${share} | ${spent} |`;
  }

  /** Processor milliseconds per unit of work. */
  #each(name: string, roles: readonly ProcessUse['role'][]): string {
    const runs = this.#of(name);
    const done = runs.reduce((sum, { latencies }) => sum + latencies.length, 0);
    const spent = runs.reduce(
      (sum, { processorMs }) =>
        sum + roles.reduce((all, role) => all + (processorMs.get(role) ?? 0), 0),
      0,
    );
    return (spent / done).toFixed(1);
  }

  #of(name: string): readonly Run[] {
    return this.#runs.get(name) ?? [];
  }

  #add(name: string, run: Run): void {
    this.#runs.set(name, [...this.#of(name), run]);
    process.stderr.write('.');
  }
}
