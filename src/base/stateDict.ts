/** Named arrays: what a model has learned. Keys are torchvision's, in its order. */
export type StateDict = Map<string, StateEntry>;

/** One tensor of a state dict. */
export interface StateEntry {
  /** The sizes of the axes. */
  shape: number[];
  /** The values in row-major order. */
  data: Float32Array;
}
