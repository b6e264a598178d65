import type { Study, TrialInfo } from '../../src/study/index.js';
import type { Terminal } from '../terminal.js';

/** Tells of trials as they end. */
export class Teller {
  readonly #study: Study;
  readonly #terminal: Terminal;
  readonly #told: Set<string>;

  constructor(study: Study, terminal: Terminal) {
    this.#study = study;
    this.#terminal = terminal;
    this.#told = new Set(study.trials.filter(isOver).map(({ key }) => key));
    if (this.#told.size > 0) terminal.note(`${this.#told.size} trials are in the journal already`);
  }

  /** A line for each trial that has ended since. */
  tell(): void {
    const { trials, objectives } = this.#study;
    for (const trial of trials.filter(isOver)) {
      if (this.#told.has(trial.key)) continue;
      this.#told.add(trial.key);
      const values = Object.keys(objectives).map((name) => `${name} ${trial.values?.[name]}`);
      const what =
        trial.state === 'done' ? values.join(', ') : `${trial.state}${trial.reason ? `: ${trial.reason}` : ''}`;
      this.#terminal.note(`trial ${trial.number}: ${what}`);
    }
  }
}

function isOver({ state }: TrialInfo): boolean {
  return state === 'done' || state === 'pruned' || state === 'failed';
}
