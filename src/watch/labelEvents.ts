import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';

/** When a label counts as there. */
export interface LabelEventsOptions {
  /** A label begins at this confidence. Default 0.7. */
  enter?: number | undefined;
  /** It ends below this one. Default 0.4. */
  exit?: number | undefined;
  /** What is shorter, in seconds, is no event. Default 0.2. */
  shortest?: number | undefined;
}

/** A label that has begun, or one that has ended. */
export interface LabelEvent {
  /** Whether it has begun or ended. */
  readonly kind: 'begin' | 'end';
  /** The label. */
  readonly label: string;
  /** Seconds from the beginning of the stream; of an end, when the label was last there. */
  readonly time: number;
  /** When it began. */
  readonly from: number;
  /** The highest confidence so far. */
  readonly peak: number;
}

interface Running {
  from: number;
  last: number;
  peak: number;
  isTold: boolean;
}

/**
 * Turns confidences over time into events. Two thresholds keep a label that wavers from beginning again and again, and what flashes up for less
 * than `shortest` is left out.
 *
 * Throws `ArgumentError` for thresholds out of range.
 */
export class LabelEvents {
  readonly #labels: readonly string[];
  readonly #running = new Map<number, Running>();
  readonly #enter: number;
  readonly #exit: number;
  readonly #shortest: number;

  constructor(labels: readonly string[], options: LabelEventsOptions = {}) {
    checkOptions('LabelEvents', options, ['enter', 'exit', 'shortest']);
    const { enter = 0.7, exit = Math.min(0.4, enter), shortest = 0.2 } = options;
    if (!(enter > 0 && enter <= 1 && exit >= 0 && exit <= enter && shortest >= 0)) {
      throw new ArgumentError(
        `LabelEvents: enter is ${enter}, exit ${exit} and shortest ${shortest}, but must be 0 <= exit <= enter <= 1, and shortest from 0.`,
      );
    }
    this.#labels = labels;
    this.#enter = enter;
    this.#exit = exit;
    this.#shortest = shortest;
  }

  /** What begins and ends at a time, by the confidences of all labels. Times must not go back. */
  at(time: number, confidences: ArrayLike<number>): LabelEvent[] {
    const events: LabelEvent[] = [];
    for (let k = 0; k < this.#labels.length; k++) {
      let running = this.#running.get(k);
      const confidence = confidences[k];
      if (running === undefined) {
        if (confidence < this.#enter) continue;
        running = { from: time, last: time, peak: confidence, isTold: false };
        this.#running.set(k, running);
      } else if (confidence < this.#exit) {
        this.#running.delete(k);
        if (running.isTold) events.push(this.#event('end', k, running, running.last));
        continue;
      }
      running.last = time;
      running.peak = Math.max(running.peak, confidence);
      if (running.isTold || time - running.from < this.#shortest) continue;
      running.isTold = true;
      events.push(this.#event('begin', k, running, time));
    }
    return events;
  }

  /** Ends what is there when the stream ends. */
  end(time: number): LabelEvent[] {
    const told = [...this.#running].filter(([, { isTold }]) => isTold);
    this.#running.clear();
    return told.map(([k, running]) => this.#event('end', k, running, time));
  }

  #event(kind: LabelEvent['kind'], k: number, { from, peak }: Running, time: number): LabelEvent {
    return { kind, label: this.#labels[k], time, from, peak };
  }
}
