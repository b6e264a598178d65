import type { Tensor } from '../../../tensor/tensor.js';

const BINS = 2048;

/** What calibration images showed of one value. */
export class Observer {
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  /** Counts of numbers between min and max; empty until `count` is called. */
  readonly bins = new Float64Array(BINS);
  #sums = new Float64Array(0);
  #images = 0;

  /** Takes in the range and the means of the channels. */
  look(tensor: Tensor): void {
    const { floats: data, shape } = tensor;
    const channels = shape[1] ?? 1;
    if (this.#sums.length === 0) this.#sums = new Float64Array(channels);
    const pixels = data.length / channels;
    let [min, max] = [this.min, this.max];
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let i = c * pixels; i < (c + 1) * pixels; i++) {
        const v = data[i] as number;
        sum += v;
        if (v < min) min = v;
        if (v > max) max = v;
      }
      this.#sums[c] = (this.#sums[c] as number) + sum / pixels;
    }
    [this.min, this.max] = [min, max];
    this.#images++;
  }

  /** Counts numbers into bins, once `look` has seen all images. */
  count(tensor: Tensor): void {
    const { min, max, bins } = this;
    const scale = max > min ? BINS / (max - min) : 0;
    for (const v of tensor.floats) {
      const bin = Math.min(Math.floor((v - min) * scale), BINS - 1);
      bins[bin] = (bins[bin] as number) + 1;
    }
  }

  /** The mean of each channel. */
  get means(): Float64Array {
    return this.#sums.map((sum) => sum / this.#images);
  }
}
