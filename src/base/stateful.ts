import type { StateDict } from './stateDict.js';

/** Something of a training run that a checkpoint holds, such as a callback or a metric. `Run` is the run that it goes on with. */
export interface Stateful<Run = unknown> {
  /** What `loadState` continues from: values fit for JSON, and named arrays. */
  saveState?: (() => { values: unknown; tensors?: StateDict | undefined }) | undefined;
  /** Throws for what it cannot continue from, and is then as it was. */
  loadState?: ((state: { values: unknown; tensors: StateDict }, run?: Run) => void) | undefined;
}
