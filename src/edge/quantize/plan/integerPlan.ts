import { sizeOf } from '../../../base/shape.js';
import { kernelState } from '../../../graph/kernelState.js';
import { type Bound, type BoundCalls, bind, type Location } from '../../../graph/plan/bind.js';
import { type KernelTable, kernelsInUse } from '../../../kernels/family.js';
import { type Kernels, plain, reference, simd } from '../../../kernels/tables.js';
import { heap } from '../../../memory/memory.js';
import type { Storage } from '../../../memory/storage.js';
import { withoutScope } from '../../../tensor/scope.js';
import { Tensor } from '../../../tensor/tensor.js';
import { currentPool } from '../../../wasm/program.js';
import type { IntegerNetwork, IntegerNode, IntegerValue } from '../integers/integerNetwork.js';
import { imageOf } from '../network/network.js';
import { bindBytes } from './bindBytes.js';
import type { Bytes } from './calls.js';
import { type Call, callsOf, weightsOf } from './lowerNode.js';
import { type Layout, type Place, placeValues } from './places.js';

export interface IntegerStep {
  readonly node: IntegerNode;
  readonly steps: readonly Bound[];
}

/** A network in integers as a list of kernel calls for one image, with all activations in one block of memory and weights prepared in another. */
export class IntegerPlan {
  readonly steps: readonly IntegerStep[];
  /** Bytes of activations, of weights as the kernels read them, and of scratch space. */
  readonly sizes: { readonly activations: number; readonly weights: number; readonly scratch: number };
  readonly #layout: Layout;
  readonly #block: Tensor;
  readonly #weights: Tensor;
  readonly #tables: Tensor[] = [];
  readonly #heap = heap();
  readonly #state = kernelState();

  constructor(readonly network: IntegerNetwork) {
    this.#layout = placeValues(network);
    const kernels = kernelsOf();
    const bytesOf = (value: number): Bytes => this.#bytesOf(value);
    const weights = network.nodes.map((node) => weightsOf(kernels, network, node, bytesOf));
    const begins = beginsOf(weights.map((each) => each.bytes));
    const calls = network.nodes.map((node, i) => callsOf(kernels, network, node, bytesOf, weights[i]?.parts ?? []));
    const scratch = Math.max(0, ...calls.flat().map((call) => call.scratch));
    const floats = this.#layout.floats + 16;
    this.sizes = { activations: 4 * floats, weights: begins.at(-1) as number, scratch };
    this.#block = owned(floats + Math.ceil(scratch / 4) + 16);
    this.#weights = owned(Math.ceil(this.sizes.weights / 4) + 16);
    const base = this.#weights.storage.pointer;
    for (const [i, each] of weights.entries()) each.write(base + (begins[i] as number));
    const scratchAt = this.#block.storage.pointer + 4 * floats;
    this.steps = network.nodes.map((node, i) => {
      const own = base + (begins[i] as number);
      const steps = (calls[i] as Call[]).flatMap((call) => this.#keep(this.#bind(call, own, scratchAt)));
      return { node, steps };
    });
  }

  /** Whether the kernels, threads and heap are still those it was made for. */
  get isCurrent(): boolean {
    return this.#heap === heap() && this.#state === kernelState();
  }

  /** Numbers of the output. */
  get outputSize(): number {
    return sizeOf(this.network.values[this.network.output]?.shape ?? []);
  }

  /** All bytes that it holds. */
  get bytes(): number {
    return [this.#block, this.#weights, ...this.#tables].reduce((sum, { storage }) => sum + storage.bytes, 0);
  }

  /** Computes y for the numbers of one image; `after` hears of each node when it has been computed. */
  run(y: Float32Array, x: Float32Array, after: ((node: IntegerNode) => void) | null = null): void {
    this.#floats(this.network.input).set(x);
    const pool = currentPool();
    pool?.hold();
    try {
      for (const { node, steps } of this.steps) {
        for (let i = 0; i < steps.length; i++) (steps[i] as Bound).run();
        after?.(node);
      }
    } finally {
      pool?.letGo();
    }
    y.set(this.#floats(this.network.output));
  }

  /** The numbers that a value stands for, [C, H, W], while it is alive. */
  read(value: number): Float32Array {
    const { bytes } = this.network.values[value] as IntegerValue;
    if (bytes === undefined) return this.#floats(value).slice();
    const { channels, pixels, pixel } = this.#bytesOf(value);
    const data = this.readBytes(value);
    const numbers = new Float32Array(channels * pixels);
    for (let i = 0; i < pixels; i++) {
      for (let c = 0; c < channels; c++)
        numbers[c * pixels + i] = bytes.scale * ((data[i * pixel + c] as number) - bytes.zero);
    }
    return numbers;
  }

  /** The bytes of a value as they lie in memory, while it is alive. */
  readBytes(value: number): Int8Array {
    const { pixels, pixel, channels } = this.#bytesOf(value);
    const { pointer } = this.#locate(value);
    return new Int8Array(heap().memory.buffer, pointer, (pixels - 1) * pixel + channels);
  }

  /** Gives the memory back. */
  release(): void {
    for (const tensor of [this.#block, this.#weights, ...this.#tables]) tensor.dispose();
  }

  #bytesOf(value: number): Bytes {
    const { shape, bytes } = this.network.values[value] as IntegerValue;
    const image = imageOf(shape);
    if (bytes === undefined || image === null) throw new Error(`value ${value} is not bytes`);
    const { pixel, whole } = this.#layout.places[value] as Place;
    return { ...bytes, ...image, pixels: image.height * image.width, pixel, whole };
  }

  #locate(value: number): Location {
    const { shape } = this.network.values[value] as IntegerValue;
    const offset = this.#layout.places[value]?.offset ?? 0;
    return { pointer: this.#block.storage.pointer + offset, length: sizeOf(shape) };
  }

  #floats(value: number): Float32Array {
    const { pointer, length } = this.#locate(value);
    return new Float32Array(heap().memory.buffer, pointer, length);
  }

  #bind(call: Call, weights: number, scratch: number): BoundCalls {
    if (call.kind === 'floats') {
      const locate = (value: number): Location => {
        const weight = call.weights.get(value);
        return weight === undefined ? this.#locate(value) : { pointer: weights + weight.offset, length: weight.length };
      };
      return bind(call.call, locate, scratch);
    }
    return bindBytes(
      call.kernel,
      call.args.map((arg) => {
        if ('literal' in arg) return arg;
        if ('scratch' in arg) return { of: 'bytes', pointer: scratch, length: arg.scratch };
        if ('weight' in arg)
          return { of: arg.weight.of, pointer: weights + arg.weight.offset, length: arg.weight.length };
        const { pointer, length } = this.#locate(arg.value);
        const isBytes = this.network.values[arg.value]?.bytes !== undefined;
        if (!isBytes) return { of: 'floats', pointer, length };
        const { pixels, pixel } = this.#bytesOf(arg.value);
        return { of: 'bytes', pointer: pointer + (arg.channel ?? 0), length: pixels * pixel };
      }),
    );
  }

  #keep({ steps, blocks }: BoundCalls): readonly Bound[] {
    for (const block of blocks) this.#tables.push(ownedBlock(block));
    return steps;
  }
}

/** All kernels of the table in use. */
export function kernelsOf(): Kernels {
  const use = kernelsInUse();
  return typeof use === 'string' ? { reference, plain, simd }[use as KernelTable] : (use as Kernels);
}

/** Where each of several parts begins, on lines of the cache, and the end of the last. */
function beginsOf(sizes: readonly number[]): number[] {
  const begins = [0];
  for (const bytes of sizes) begins.push((begins.at(-1) as number) + Math.ceil(bytes / 64) * 64 + 64);
  return begins;
}

/** Memory that belongs to no scope. */
function owned(floats: number): Tensor {
  return withoutScope(() => Tensor.zeros([floats]));
}

function ownedBlock(block: Storage): Tensor {
  return withoutScope(() => new Tensor(block, [block.length]));
}
