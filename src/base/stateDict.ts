/** Named arrays: what a model has learned. Keys are torchvision's, in its order. */
export type StateDict = Map<string, StateEntry>;

export interface StateEntry {
  shape: number[];
  data: Float32Array;
}
