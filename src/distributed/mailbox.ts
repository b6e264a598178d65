/** Messages that have arrived and requests that wait, by key. Each key has a queue of its own. */
export class Mailbox<T> {
  readonly #arrived = new Map<number, T[]>();
  readonly #waiting = new Map<number, { resolve: (message: T) => void; reject: (error: unknown) => void }[]>();
  #failure: { error: unknown } | null = null;

  /** How many requests wait. */
  waiting = 0;

  put(key: number, message: T): void {
    const first = this.#waiting.get(key)?.shift();
    if (first !== undefined) {
      if (this.#waiting.get(key)?.length === 0) this.#waiting.delete(key);
      this.waiting--;
      first.resolve(message);
      return;
    }
    const queue = this.#arrived.get(key);
    if (queue === undefined) this.#arrived.set(key, [message]);
    else queue.push(message);
  }

  /** The next message of this key, if it is there. */
  poll(key: number): T | undefined {
    const queue = this.#arrived.get(key);
    const message = queue?.shift();
    if (queue?.length === 0) this.#arrived.delete(key);
    return message;
  }

  /** The next message of this key, when it is there. Rejects once the mailbox has failed. */
  take(key: number): Promise<T> {
    const message = this.poll(key);
    if (message !== undefined) return Promise.resolve(message);
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    this.waiting++;
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(key);
      if (waiting === undefined) this.#waiting.set(key, [{ resolve, reject }]);
      else waiting.push({ resolve, reject });
    });
  }

  /** Rejects all requests, those that come later too. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const queue of this.#waiting.values()) for (const { reject } of queue) reject(error);
    this.#waiting.clear();
    this.waiting = 0;
  }
}
