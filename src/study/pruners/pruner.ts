/** What becomes of a trial: it is over; it waits for its rivals; it goes on, up to the step `until`. */
export interface PrunerDecision {
  /** Which trial. */
  readonly number: number;
  /** What becomes of it. */
  readonly fate: 'stop' | 'pause' | 'promote';
  /** The step at which it pauses next. Undefined: it goes on to its end. */
  readonly until?: number | undefined;
}

/** The pruner of one study at work. What it decides follows from the calls it got, which follow from the journal. */
export interface PrunerRun {
  /** The step at which a new trial pauses; undefined for none. */
  untilOf(number: number): number | undefined;
  /** Whether that step is the end of the trial, and no rung. Default: never. */
  isLast?: ((number: number) => boolean) | undefined;
  /** A value of a trial that goes on; the larger the score, the better. */
  report(number: number, step: number, score: number): readonly PrunerDecision[];
  /** A trial ended by itself, with a result or a failure. */
  ended(number: number): readonly PrunerDecision[];
}

/** A way to stop trials that won't win. */
export interface Pruner {
  /** The name: 'median', 'hyperband'. */
  readonly name: string;
  /** Its options, as data: two writers of a journal have to have the same ones. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Begins with no trials; `trials` is how many the study will have, where that is known. */
  begin(trials: number | undefined): PrunerRun;
}

/** No decision. */
export const GO_ON: readonly PrunerDecision[] = [];
