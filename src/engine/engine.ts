import type { DependencyState } from '../dependencies/dependency.ts';
import { worstOf } from '../dependencies/worst-of.ts';
import { FoveaError } from '../errors.ts';
import type { Answer, JobOptions } from './job.ts';
import type { ModelSpec } from './messages.ts';
import {
  ModelGroup,
  type EngineModelState,
  type GroupEvent,
  type GroupOptions,
  type GroupStats,
} from './model-group.ts';
import type { TaskName, Tasks } from './tasks.ts';

type GroupDifference = Partial<Omit<GroupOptions, 'name' | 'onEvent'>>;

export interface EngineOptions extends Omit<GroupOptions, 'name'> {
  /** What is different for single groups. */
  readonly groups?: Readonly<Record<string, GroupDifference>>;
}

/**
 * Where inference happens, seen from the server: work goes in by group and task, an answer comes
 * out, and no native call ever runs on the caller's event loop.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #groups = new Map<string, ModelGroup>();
  /** Of groups that were ended: what is counted must not go back. */
  #past: DependencyState = worstOf([]);
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Starts the group's workers. Without models they can already decode. @param own what is different for this group */
  open(name: string, own: GroupDifference = {}): ModelGroup {
    const existing = this.#groups.get(name);
    if (existing) return existing;
    if (this.#closed) throw new FoveaError('SHUTTING_DOWN', 'The server is about to stop.');
    const { groups, ...options } = this.#options;
    const group = new ModelGroup({ ...options, ...groups?.[name], ...own, name });
    this.#groups.set(name, group);
    return group;
  }

  /** Loads a model in the background; `modelState` tells when it is ready. */
  load(spec: ModelSpec, own?: GroupDifference): void {
    this.open(spec.manifest.group, own).add(spec);
  }

  /** Ends the group's workers: memory really goes back. Work for the group starts it anew. */
  end(name: string): void {
    const group = this.#groups.get(name);
    if (!group) return;
    group.close();
    this.#past = { ...worstOf([this.#past, group.breaker]), state: 'closed' };
    this.#groups.delete(name);
  }

  async run<T extends TaskName>(
    group: string,
    task: T,
    input: Tasks[T]['input'],
    options: JobOptions,
  ): Promise<Answer<T>> {
    return await this.open(group).submit(task, input, options);
  }

  /** QUEUE_FULL when the group would refuse work now: known before there is anything to work on. */
  refusal(group: string): FoveaError | undefined {
    return this.#groups.get(group)?.refusal;
  }

  /** The same for each worker of the group that is up, past the queue; nothing when there is none. */
  async runOnAll<T extends TaskName>(
    group: string,
    task: T,
    input: Tasks[T]['input'],
    options: JobOptions,
  ): Promise<readonly Answer<T>[]> {
    return (await this.#groups.get(group)?.submitToAll(task, input, options)) ?? [];
  }

  modelState(group: string, name: string): EngineModelState {
    return this.#groups.get(group)?.modelState(name) ?? { state: 'loading' };
  }

  stats(): ReadonlyMap<string, GroupStats> {
    return new Map([...this.#groups].map(([name, group]) => [name, group.stats()]));
  }

  /** The groups as one dependency: open as soon as the workers of one die again and again. */
  get breaker(): DependencyState {
    return worstOf([this.#past, ...[...this.#groups.values()].map((group) => group.breaker)]);
  }

  close(): void {
    this.#closed = true;
    for (const group of this.#groups.values()) group.close();
  }
}

export type { GroupEvent };
