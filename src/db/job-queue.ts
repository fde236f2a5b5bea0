import { CompiledQuery, type Transaction } from 'kysely';
import { fromKysely, PgBoss, type Job } from 'pg-boss';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';

export interface JobQueueOptions {
  readonly database: Database;
  /** Who works on the same name shares the jobs. */
  readonly name: string;
  /** Jobs that this process runs at a time. */
  readonly concurrency: number;
  /**
   * Runs a job. When it rejects, the job is run again, here or elsewhere; so it does when this
   * process dies. `signal` fires when this process stops or is no longer the one to run the job.
   */
  readonly run: (id: string, signal: AbortSignal) => Promise<void>;
  readonly onError: (error: Error) => void;
}

interface Payload {
  readonly jobId: string;
}

/** The least that pg-boss takes is 10 s. A process that is silent for longer has lost its jobs. */
const HEARTBEAT_S = 15;
const SUPERVISE_S = 10;
const POLL_S = 1;
const STOP_LIMIT_MS = 5_000;
/** The most that pg-boss takes; a longer job is interrupted and goes on. */
const LONGEST_RUN_S = 24 * 3600;
/** How often a job may be interrupted; who runs it decides when it does not get on. */
const INTERRUPTIONS = 10_000;

/**
 * Work that is done once, by one process at a time, on any number of servers: a queue of pg-boss in
 * our own database, under the schema `fovea_jobs`.
 */
export class JobQueue {
  readonly #options: JobQueueOptions;
  readonly #stopping = new AbortController();
  #boss: PgBoss | undefined;
  #worker = '';

  constructor(options: JobQueueOptions) {
    this.#options = options;
  }

  /**
   * Begins to take jobs. The database must be up. `orphans` were run by a process that is surely
   * dead: they begin again now instead of when its heartbeat is missed.
   */
  async start(orphans: readonly string[] = []): Promise<void> {
    const { onError } = this.#options;
    const boss = new PgBoss({
      db: { executeSql: (text, values) => this.#execute(text, values) },
      schema: 'fovea_jobs',
      schedule: false,
      superviseIntervalSeconds: SUPERVISE_S,
      monitorIntervalSeconds: SUPERVISE_S,
    });
    boss.on('error', onError);
    try {
      await boss.start();
      await this.#takeJobs(boss, orphans);
    } catch (error) {
      await boss.stop({ graceful: false }).catch(onError);
      throw error;
    }
    this.#boss = boss;
  }

  async #takeJobs(boss: PgBoss, orphans: readonly string[]): Promise<void> {
    const { name, concurrency } = this.#options;
    await boss.createQueue(name, {
      heartbeatSeconds: HEARTBEAT_S,
      expireInSeconds: LONGEST_RUN_S,
      retryLimit: INTERRUPTIONS,
      retryDelay: 1,
    });
    await boss.getQueue(name);
    for (const id of orphans) await boss.fail(name, id);
    this.#worker = await boss.work<Payload>(
      name,
      { batchSize: 1, localConcurrency: concurrency, pollingIntervalSeconds: POLL_S },
      (jobs) => this.#work(jobs),
    );
  }

  get running(): boolean {
    return this.#boss !== undefined;
  }

  /** Adds a job in the transaction that makes it. */
  async enqueue(jobId: string, within: Transaction<Tables>): Promise<void> {
    const data: Payload = { jobId };
    await this.#started().send(this.#options.name, data, { id: jobId, db: fromKysely(within) });
  }

  /** Takes up a job that was just added, without waiting for the next look. */
  nudge(): void {
    this.#boss?.notifyWorker(this.#worker);
  }

  /** Takes a job out of the queue, or its run's claim away. */
  async cancel(jobId: string): Promise<void> {
    await this.#started().cancel(this.#options.name, jobId);
  }

  /** Ends the runs under way, which go on elsewhere or at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#boss?.stop({ graceful: true, timeout: STOP_LIMIT_MS });
    this.#boss = undefined;
  }

  #started(): PgBoss {
    if (this.#boss === undefined) throw new Error('the job queue has not started');
    return this.#boss;
  }

  async #work(jobs: readonly Job<Payload>[]): Promise<void> {
    for (const { data, signal } of jobs)
      await this.#options.run(data.jobId, AbortSignal.any([signal, this.#stopping.signal]));
  }

  async #execute(text: string, values: unknown[] = []) {
    const query = CompiledQuery.raw(text, values);
    return await this.#options.database.query(async (db) => {
      const { rows } = await db.executeQuery(query);
      return { rows: [...rows] };
    });
  }
}
