import type { RandomStream } from '../../base/random.js';
import type { Configuration, SearchSpace } from '../space.js';

/** A trial that ended with a result, for a sampler to learn from. */
export interface FinishedTrial {
  /** Which of the trials it was, from 0. */
  readonly number: number;
  /** What was tried. */
  readonly config: Configuration;
}

/** What a sampler chooses the next configuration by. All of it follows from the seed and the journal. */
export interface SampleRequest {
  /** The parameters. */
  readonly space: SearchSpace;
  /** A random stream for this draw alone. */
  readonly random: RandomStream;
  /** The seed of the study, for streams that several draws share. */
  readonly seed: string;
  /** How many draws there were before this one; draws of configurations that are known already count too. */
  readonly draw: number;
  /** Trials that ended, the best first; pruned ones come after all others. */
  ranked(): readonly FinishedTrial[];
  /** The same trials in the order in which they ended. */
  readonly finished: readonly FinishedTrial[];
  /** What is being tried now. */
  readonly running: readonly Configuration[];
}

/** A way to choose what to try next. */
export interface Sampler {
  /** The name: 'random', 'tpe'. */
  readonly name: string;
  /** Its options, as data: two writers of a journal have to have the same ones. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The next configuration; null when there is nothing more to try. */
  sample(request: SampleRequest): Configuration | null;
}
