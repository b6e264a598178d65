/** The memory that a transform writes its images to: one array, used again for the next image of that size. */
export class Spare {
  #data = new Float32Array(0);

  /** An array as long as `x`, or of another length, with any values. It is not x: that may be what the same transform returned earlier in a chain. */
  beside(x: Float32Array, length = x.length): Float32Array {
    if (this.#data.length !== length || this.#data === x) this.#data = new Float32Array(length);
    return this.#data;
  }
}
