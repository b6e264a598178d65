import type { Bound, BoundCalls } from '../../../graph/plan/bind.js';
import { kernelsInUse } from '../../../kernels/family.js';
import { heap } from '../../../memory/memory.js';
import { fixCalls } from '../../../wasm/fixedCalls.js';

/** An argument of a kernel: numbers of the heap by their place, or anything else as it is. */
export type Argument =
  | { readonly of: 'bytes' | 'ints' | 'floats'; readonly pointer: number; readonly length: number }
  | { readonly literal: unknown };

const arrays = { bytes: Int8Array, ints: Int32Array, floats: Float32Array } as const;

/** Fixes the arguments of a kernel on bytes: as calls of WebAssembly functions, or as a closure for the other tables. */
export function bindBytes(kernel: (...args: never[]) => unknown, args: readonly Argument[]): BoundCalls {
  const call = kernel as (...args: unknown[]) => unknown;
  if (kernelsInUse() === 'simd') {
    const { calls, blocks } = fixCalls(() => void call(...viewsOf(args)));
    return { steps: calls, blocks };
  }
  let buffer: ArrayBufferLike | null = null;
  let views: unknown[] = [];
  const bound: Bound = {
    run() {
      // A plain memory detaches views when it grows.
      if (heap().memory.buffer !== buffer) {
        buffer = heap().memory.buffer;
        views = viewsOf(args);
      }
      call(...views);
    },
  };
  return { steps: [bound], blocks: [] };
}

function viewsOf(args: readonly Argument[]): unknown[] {
  const { buffer } = heap().memory;
  return args.map((arg) => ('literal' in arg ? arg.literal : new arrays[arg.of](buffer, arg.pointer, arg.length)));
}
