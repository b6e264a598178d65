import type { FunctionBuilder } from '../../../wasm/function.js';
import { Program } from '../../../wasm/program.js';
import { I32 } from '../../../wasm/scalars.js';
import { scratchInts } from '../../../wasm/scratch.js';
import { span } from '../../../wasm/span.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import type { Int8PoolGeometry, Int8Range } from '../../contracts/quantized.js';
import { emitRounding, loadEight, output, outputValues, storeBytes, toBytes } from './output.js';

const parameters = {
  y: 'i32',
  x: 'i32',
  windows: 'i32',
  channels: 'i32',
  inWidth: 'i32',
  outHeight: 'i32',
  outWidth: 'i32',
  xPixel: 'i32',
  yPixel: 'i32',
} as const;
const averageParameters = { ...parameters, xZero: 'i32', scale: 'f32', ...output } as const;

type P = { [K in keyof typeof parameters]: I32 };

const program = new Program('int8Pool', (module) => {
  // A unit is a row of outputs.
  module.func('max', { ...parameters, ...span }, (f, p) => {
    eachOutput(f, p, p.begin, p.end, 16, (window, to, left) => {
      const most = f.let(I32x4.splatByte(I32.of(-128)));
      window.each((at) => most.set(most.maxBytes(I32x4.load(at))));
      f.if(
        left.ge(16),
        () => f.store(to, most),
        () => {
          storeBytes(f, to, most, left.min(8));
          const upper = most.shuffleBytes(most, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
          f.if(left.gt(8), () => storeBytes(f, to.add(8), upper, left.sub(8)));
        },
      );
    });
  });
  module.func('average', { ...averageParameters, ...span }, (f, p) => {
    const round = emitRounding(f, p);
    eachOutput(f, p, p.begin, p.end, 8, (window, to, left) => {
      const sums = [f.let(I32x4.of(0)), f.let(I32x4.of(0))] as const;
      window.each((at) => {
        for (const [half, value] of loadEight(f, at).entries()) sums[half].set(sums[half].add(value));
      });
      const zeros = f.let(I32x4.of(p.xZero.mul(window.pixels)));
      const multiplier = f.let(F32x4.of(p.scale.div(window.divisor.toF32())));
      const [a, b] = sums.map((sum) => round(sum.sub(zeros).toF32x4().mul(multiplier)));
      storeBytes(f, to, toBytes(f, a as I32x4, b as I32x4), left);
    });
  });
});

const max = program.entry('max', parameters);
const average = program.entry('average', averageParameters);

interface Window {
  readonly pixels: I32;
  readonly divisor: I32;
  /** Visits the same channels of each pixel. */
  each(body: (at: I32) => void): void;
}

function eachOutput(
  f: FunctionBuilder,
  p: P,
  begin: I32,
  end: I32,
  step: number,
  body: (window: Window, to: I32, left: I32) => void,
): void {
  f.loop(begin, end, 1, (row) => {
    const rows = f.let(p.windows.add(row.mul(12)));
    const [top, bottom, height] = emitTriple(f, rows);
    f.loop(0, p.outWidth, 1, (q) => {
      const columns = f.let(p.windows.add(p.outHeight.add(q).mul(12)));
      const [left, right, width] = emitTriple(f, columns);
      const first = f.let(p.x.add(top.mul(p.inWidth).add(left).mul(p.xPixel)));
      const line = f.let(p.inWidth.mul(p.xPixel));
      const to = f.let(p.y.add(row.mul(p.outWidth).add(q).mul(p.yPixel)));
      f.loop(0, p.channels, step, (c) => {
        const each = (visit: (at: I32) => void): void => {
          const start = f.let(first.add(c));
          f.loop(top, bottom, 1, () => {
            const at = f.let(start);
            f.loop(left, right, 1, () => {
              visit(at);
              at.set(at.add(p.xPixel));
            });
            start.set(start.add(line));
          });
        };
        const pixels = bottom.sub(top).mul(right.sub(left));
        body({ pixels, divisor: height.mul(width), each }, f.let(to.add(c)), f.let(p.channels.sub(c)));
      });
    });
  });
}

function emitTriple(f: FunctionBuilder, at: I32): [I32, I32, I32] {
  return [f.let(I32.load(at)), f.let(I32.load(at, 4)), f.let(I32.load(at, 8))];
}

function grain(g: Int8PoolGeometry): number {
  return Math.max(1, Math.ceil(16384 / (g.outWidth * g.channels)));
}

export function int8MaxPool(y: Int8Array, x: Int8Array, windows: Int32Array, g: Int8PoolGeometry): void {
  const [to, from] = [y.byteOffset, x.byteOffset];
  max.runGroups([{ y: to, x: from, windows: scratchInts(windows) }, g], g.outHeight, grain(g));
}

export function int8AvgPool(
  y: Int8Array,
  x: Int8Array,
  windows: Int32Array,
  g: Int8PoolGeometry,
  range: Int8Range,
): void {
  const [to, from] = [y.byteOffset, x.byteOffset];
  const own = { y: to, x: from, windows: scratchInts(windows) };
  average.runGroups([own, g, outputValues(range)], g.outHeight, grain(g));
}
