import type { Stateful } from '../base/stateful.js';
import type { Targets } from '../base/targets.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * A number that is computed as batches go by. `fit` keeps those given as `metrics` for training and for validation, and asks for
 * the number after each epoch; `evaluate` does so for its data. A metric with `saveState` survives a stop in the middle of an epoch.
 */
export interface Metric extends Stateful {
  /** Logits [N, K], and N class indices or N * K multi-hot values. `targets`, which `fit` and `evaluate` pass, has the same values and says which of both they are. */
  update(logits: Tensor, labels: Int32Array, targets?: Targets): void;
  /** The value over everything since `reset`. */
  compute(): number;
  /** Forgets what has been seen. */
  reset(): void;
}

/** What metrics come to; they then start anew. */
export function computed(metrics: Readonly<Record<string, Metric>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => {
      const value = metric.compute();
      metric.reset();
      return [name, value];
    }),
  );
}
