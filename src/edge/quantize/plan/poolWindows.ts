import type { IntegerPool } from '../integers/integerNetwork.js';

interface Size {
  readonly height: number;
  readonly width: number;
}

/** For each row, then each column, of outputs: where its window begins and ends, and how many it counts for. */
export function poolWindows(node: IntegerPool, x: Size, y: Size): Int32Array {
  const axis = (index: 0 | 1, n: number, outputs: number): number[] =>
    Array.from({ length: outputs }, (_, p) => {
      if (node.window === null) {
        const [begin, end] = [Math.floor((p * n) / outputs), Math.ceil(((p + 1) * n) / outputs)];
        return [begin, end, end - begin];
      }
      const { kernel, stride, pad } = node.window;
      const start = p * (stride[index] as number) - (pad[index] as number);
      const stop = Math.min(start + (kernel[index] as number), n + (pad[index] as number));
      const [begin, end] = [Math.max(start, 0), Math.min(stop, n)];
      return [begin, end, node.countIncludePad ? stop - start : end - begin];
    }).flat();
  return Int32Array.from([...axis(0, x.height, y.height), ...axis(1, x.width, y.width)]);
}
