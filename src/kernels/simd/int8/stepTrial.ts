import { heap } from '../../../memory/memory.js';
import { conv, PANEL } from './convProgram.js';
import { outputValues } from './output.js';
import type { Step } from './steps.js';

const [PIXELS, LENGTH] = [64, 256];
const SIZES = { x: LENGTH + PIXELS, w: 2 * PANEL * LENGTH, y: PANEL * PIXELS, offsets: 4 * PIXELS, ends: 8 * PANEL };

/** A small product on operands that suit every step, by which steps are compared: 64 pixels of 256 bytes, and eight output channels. */
export class StepTrial {
  readonly #heap = heap();
  readonly #bytes = Object.values(SIZES).reduce((sum, size) => sum + size, 64);
  readonly #pointer = this.#heap.allocate(this.#bytes, 'trial of a kernel');
  readonly #at: Readonly<Record<keyof typeof SIZES, number>>;

  /** `x` gives bytes from 0 to 127, `w` the weight of byte k and channel o from -64 to 64. */
  constructor(
    x: (i: number) => number,
    readonly w: (k: number, o: number) => number,
  ) {
    let end = this.#pointer;
    const place = (size: number): number => {
      end += size;
      return end - size;
    };
    this.#at = {
      x: place(SIZES.x),
      w: place(SIZES.w),
      y: place(SIZES.y),
      offsets: place(SIZES.offsets),
      ends: place(SIZES.ends),
    };
    const { buffer } = this.#heap.memory;
    new Int8Array(buffer, this.#at.x, SIZES.x).forEach((_, i, all) => {
      all[i] = x(i);
    });
    new Int32Array(buffer, this.#at.offsets, PIXELS).forEach((_, i, all) => {
      all[i] = i;
    });
    new Int32Array(buffer, this.#at.ends, PANEL).fill(0);
    new Float32Array(buffer, this.#at.ends + 4 * PANEL, PANEL).fill(2 ** -12);
  }

  /** Lays out the weights for a step. */
  pack({ width, place }: Step): void {
    const { buffer } = this.#heap.memory;
    const length = PANEL * LENGTH;
    const packed = width === 1 ? new Int8Array(buffer, this.#at.w, length) : new Int16Array(buffer, this.#at.w, length);
    for (let k = 0; k < LENGTH; k++) {
      for (let o = 0; o < PANEL; o++) packed[(k >> 2) * 32 + place(k & 3, o)] = this.w(k, o);
    }
  }

  /** Computes the product, whose weights `pack` has laid out. */
  run({ name, width }: Step): void {
    const { x, w, y, offsets, ends } = this.#at;
    const operands = { x, w, y, offsets, bias: ends, multiplier: ends + 4 * PANEL };
    const sizes = { pixels: PIXELS, yPixel: PANEL, residual: 0, residualPixel: 0, residualZero: 0, residualScale: 0 };
    const runs = { rows: 1, rowStep: 0, taps: 1, tapStep: 0, length: LENGTH, panelBytes: PANEL * LENGTH * width };
    const groups = { groups: 1, groupBytes: LENGTH, groupOutputs: PANEL, asFloats: 0 };
    conv[name].runGroups([operands, sizes, runs, groups, outputValues({ zero: 0, low: -128, high: 127 })], 1, 1);
  }

  /** The bytes that `run` wrote. */
  get output(): number[] {
    return [...new Int8Array(this.#heap.memory.buffer, this.#at.y, SIZES.y)];
  }

  /** Gives the memory back. */
  release(): void {
    this.#heap.release(this.#pointer, this.#bytes);
  }
}
