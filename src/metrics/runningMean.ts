/** A weighted mean of numbers as they come: losses of batches, weighed by their sizes. NaN before the first. */
export class RunningMean {
  #sum = 0;
  #weight = 0;

  /** Adds a value that counts `weight` times. */
  add(value: number, weight = 1): void {
    this.#sum += value * weight;
    this.#weight += weight;
  }

  /** The mean so far; NaN before the first value. */
  get value(): number {
    return this.#sum / this.#weight;
  }

  /** Forgets all values. */
  reset(): void {
    this.#sum = 0;
    this.#weight = 0;
  }

  /** Two numbers that `state = ...` continues from, digit for digit. JSON makes null of a NaN; it is taken back as one. */
  get state(): [sum: number | null, weight: number] {
    return [this.#sum, this.#weight];
  }

  set state([sum, weight]: readonly [number | null, number]) {
    this.#sum = sum ?? Number.NaN;
    this.#weight = weight;
  }
}
