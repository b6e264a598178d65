import { kernelsInUse } from '../../kernels/family.js';
import { type Floats, floatsAt, heap } from '../../memory/memory.js';
import type { Storage } from '../../memory/storage.js';
import { type FixedCall, fixCalls } from '../../wasm/fixedCalls.js';
import type { KernelArgument, KernelCall } from '../node.js';

/** Where the numbers of a value lie. */
export interface Location {
  readonly pointer: number;
  readonly length: number;
}

/** What runs a kernel call with its arguments fixed. */
export interface Bound {
  run(): void;
}

/** Bound calls, and blocks with tables that belong to them. */
export interface BoundCalls {
  readonly steps: readonly Bound[];
  readonly blocks: readonly Storage[];
}

/** Fixes the arguments of a kernel call: as calls of WebAssembly functions where the kernel makes nothing but such calls, else as a closure. */
export function bind(call: KernelCall, locate: (value: number) => Location, scratch: number): BoundCalls {
  if (!('args' in call)) {
    const [outputs, inputs] = [call.outputs, call.inputs].map((ids) => new Views(ids.map(locate)));
    const { host } = call;
    return { steps: [{ run: () => host((outputs as Views).list(), (inputs as Views).list()) }], blocks: [] };
  }
  const located = call.args.map((arg) => locationOf(arg, locate, scratch));
  const literals = call.args.map((arg) => ('literal' in arg ? arg.literal : null));
  const kernel = call.kernel as (...args: unknown[]) => unknown;
  if (kernelsInUse() === 'simd') {
    const blind = located.map((at, i) => (at === null ? literals[i] : blindView(at)));
    try {
      const { calls, blocks } = fixCalls(() => void kernel(...blind));
      return { steps: calls, blocks };
    } catch (error) {
      if (!(error instanceof LooksAtNumbers)) throw error;
    }
  }
  const views = new Views(located.filter((at) => at !== null));
  return { steps: [{ run: () => void kernel(...fill(located, literals, views.list())) }], blocks: [] };
}

export type { FixedCall };

function locationOf(arg: KernelArgument, locate: (value: number) => Location, scratch: number): Location | null {
  if ('value' in arg) return locate(arg.value);
  return 'workspace' in arg ? { pointer: scratch, length: arg.workspace } : null;
}

function fill(
  located: readonly (Location | null)[],
  literals: readonly unknown[],
  views: readonly Floats[],
): unknown[] {
  let at = 0;
  return located.map((location, i) => (location === null ? literals[i] : views[at++]));
}

/** Views of the heap, made anew when it has grown and detached them. */
class Views {
  #views: Float32Array[] = [];
  #buffer: ArrayBufferLike | null = null;

  constructor(readonly locations: readonly Location[]) {}

  list(): readonly Float32Array[] {
    const { buffer } = heap().memory;
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#views = this.locations.map(({ pointer, length }) => floatsAt(pointer, length) as Float32Array);
    }
    return this.#views;
  }
}

/** Thrown for a kernel that looks at numbers, and not only at where they lie. */
class LooksAtNumbers extends Error {}

/** A view that tells its pointer and length, and nothing else. */
function blindView({ pointer, length }: Location): Floats {
  return new Proxy(new Float32Array(0), {
    get: (_target, key) => {
      if (key === 'byteOffset') return pointer;
      if (key === 'length') return length;
      if (key === 'byteLength') return 4 * length;
      throw new LooksAtNumbers(String(key));
    },
    set: (_target, key) => {
      throw new LooksAtNumbers(String(key));
    },
  });
}
