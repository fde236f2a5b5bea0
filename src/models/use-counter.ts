/**
 * Counts who uses what, by key, and tells when nobody has for a while.
 *
 *   idle --hold--> held --last release--> idle since --time to live--> onIdle
 */
export class UseCounter {
  readonly #uses = new Map<string, { users: number; timer?: NodeJS.Timeout | undefined }>();
  readonly #idleMs: number;
  readonly #onIdle: (key: string) => void;

  /** @param idleMs 0 never calls `onIdle` */
  constructor(idleMs: number, onIdle: (key: string) => void) {
    this.#idleMs = idleMs;
    this.#onIdle = onIdle;
  }

  /** Returns how to let go; idempotent. */
  hold(key: string): () => void {
    const use = this.#uses.get(key) ?? { users: 0 };
    this.#uses.set(key, use);
    clearTimeout(use.timer);
    use.users += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      use.users -= 1;
      if (use.users === 0 && this.#idleMs > 0) this.#wait(key, use);
    };
  }

  users(key: string): number {
    return this.#uses.get(key)?.users ?? 0;
  }

  close(): void {
    for (const { timer } of this.#uses.values()) clearTimeout(timer);
    this.#uses.clear();
  }

  #wait(key: string, use: { users: number; timer?: NodeJS.Timeout | undefined }): void {
    use.timer = setTimeout(() => {
      if (use.users > 0) return;
      this.#uses.delete(key);
      this.#onIdle(key);
    }, this.#idleMs);
    use.timer.unref();
  }
}
