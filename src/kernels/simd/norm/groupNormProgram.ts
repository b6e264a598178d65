import type { FunctionBuilder } from '../../../wasm/function.js';
import { Program } from '../../../wasm/program.js';
import { F32, F64, type I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { accumulators, clear, forEachStep, maskStep, storeStep, total } from '../elementwise/steps.js';
import { type Block, contiguous, moments, walkBlock } from './moments.js';

const shape = { batch: 'i32', channels: 'i32', spatial: 'i32', groups: 'i32', groupChannels: 'i32' } as const;
const statistics = { x: 'i32', mean: 'i32', invStd: 'i32', weight: 'i32' } as const;
const forwardParameters = { y: 'i32', ...statistics, bias: 'i32', eps: 'f64', ...shape } as const;
const inputParameters = { dx: 'i32', dy: 'i32', ...statistics, ...shape } as const;
const channelsParameters = { dWeight: 'i32', dBias: 'i32', dy: 'i32', ...statistics, ...shape } as const;

/** Group normalization. Forward and dx: a unit is a group of an image; weight and bias: a unit is a channel. */
const groupNormProgram = new Program('groupNorm', (module) => {
  module.func('forward', { ...forwardParameters, ...span }, (f, p) => {
    const count = f.let(p.groupChannels.mul(p.spatial));
    f.loop(p.begin, p.end, 1, (group) => {
      const start = f.let(group.mul(count).shl(2));
      // (1) statistics of the group
      const { mean, variance } = moments(f, p.x, contiguous(f, start, count));
      const invStd = f.let(F64.of(1).div(variance.add(p.eps).sqrt()));
      const m = f.let(mean.toF32());
      f.store(p.mean.add(group.shl(2)), m);
      f.store(p.invStd.add(group.shl(2)), invStd.toF32());
      // (2) normalize
      const center = f.let(F32x4.of(m));
      const [y, x] = [f.let(p.y.add(start)), f.let(p.x.add(start))];
      const first = f.let(group.rem(p.groups).mul(p.groupChannels));
      f.loop(first, first.add(p.groupChannels), 1, (c) => {
        const scale = f.let(F32x4.of(invStd.mul(valueOr(f, p.weight, c, 1)).toF32()));
        const shift = f.let(F32x4.of(valueOr(f, p.bias, c, 0).toF32()));
        const [toY, fromX] = [f.let(y), f.let(x)];
        forEachStep(f, p.spatial, [toY, fromX], 4, (step) => {
          storeStep(f, toY, f.fma(F32x4.load(fromX, step.offset).sub(center), scale, shift), step);
        });
        y.set(y.add(p.spatial.shl(2)));
        x.set(x.add(p.spatial.shl(2)));
      });
    });
  });

  module.func('input', { ...inputParameters, ...span }, (f, p) => {
    const planeBytes = f.let(p.spatial.shl(2));
    const sums = planeSums(f, p);
    f.loop(p.begin, p.end, 1, (group) => {
      const m = f.let(F32x4.splat(p.mean.add(group.shl(2))));
      const scale = f.let(F32.load(p.invStd.add(group.shl(2))).toF64());
      const start = f.let(group.mul(p.groupChannels).mul(planeBytes));
      const first = f.let(group.rem(p.groups).mul(p.groupChannels));
      const sumD = f.let(F64.of(0));
      const sumDX = f.let(F64.of(0));
      // (2) sums over the group, the channel's weight once a plane
      const plane = f.let(start);
      f.loop(first, first.add(p.groupChannels), 1, (c) => {
        const w = f.let(valueOr(f, p.weight, c, 1));
        sums(plane, m, (dy, dyX) => {
          sumD.set(sumD.add(w.mul(dy)));
          sumDX.set(sumDX.add(w.mul(dyX)));
        });
        plane.set(plane.add(planeBytes));
      });
      // (3) dx = scale d - scale^3 mean(d (x - m)) (x - m) - scale mean(d)
      const count = f.let(p.groupChannels.mul(p.spatial).toF64());
      const minus = f.let(F64.of(-1).mul(scale));
      const level = f.let(F32x4.of(minus.mul(sumD.div(count)).toF32()));
      const tilt = f.let(F32x4.of(minus.mul(scale).mul(scale).mul(sumDX.div(count)).toF32()));
      const [dx, dy, x] = [p.dx, p.dy, p.x].map((t) => f.let(t.add(start)));
      f.loop(first, first.add(p.groupChannels), 1, (c) => {
        const factor = f.let(F32x4.of(scale.mul(valueOr(f, p.weight, c, 1)).toF32()));
        const pointers = [dx, dy, x].map((t) => f.let(t));
        forEachStep(f, p.spatial, pointers, 4, (step) => {
          const [dx, dy, x] = pointers.map((t) => F32x4.load(t, step.offset));
          const v = f.fma(dy, factor, f.fma(x.sub(m), tilt, level));
          storeStep(f, pointers[0], dx.add(v), step);
        });
        for (const t of [dx, dy, x]) t.set(t.add(planeBytes));
      });
    });
  });

  module.func('channels', { ...channelsParameters, ...span }, (f, p) => {
    const sums = planeSums(f, p);
    f.loop(p.begin, p.end, 1, (c) => {
      // (1) weight and bias: over all images and pixels of the channel
      const sumDy = f.let(F64.of(0));
      const sumDyZ = f.let(F64.of(0));
      f.loop(0, p.batch, 1, (n) => {
        const group = f.let(n.mul(p.groups).add(c.div(p.groupChannels)).shl(2));
        const scale = f.let(F32.load(p.invStd.add(group)).toF64());
        const m = f.let(F32x4.splat(p.mean.add(group)));
        sums(f.let(n.mul(p.channels).add(c).mul(p.spatial).shl(2)), m, (dy, dyX) => {
          sumDy.set(sumDy.add(dy));
          sumDyZ.set(sumDyZ.add(dyX.mul(scale)));
        });
      });
      addTo(f, p.dWeight, c, sumDyZ);
      addTo(f, p.dBias, c, sumDy);
    });
  });
});

export const forward = groupNormProgram.entry('forward', forwardParameters);
export const input = groupNormProgram.entry('input', inputParameters);
export const channels = groupNormProgram.entry('channels', channelsParameters);

/** Sums dy and dy (x - m) over the plane at a byte offset, and gives `use` the sums of each of its blocks. */
function planeSums(f: FunctionBuilder, p: { dy: I32; x: I32; spatial: I32 }) {
  const [a, b] = [accumulators(f), accumulators(f)];
  return (offset: I32, m: F32x4, use: (dy: F64, dyX: F64) => void): void => {
    contiguous(
      f,
      offset,
      p.spatial,
    )((block: Block) => {
      clear(a);
      clear(b);
      walkBlock(f, block, [p.dy, p.x], (step, [dy, x]) => {
        const d = f.let(maskStep(F32x4.load(dy, step.offset), step));
        a[step.lane].set(a[step.lane].add(d));
        b[step.lane].set(f.fma(d, maskStep(F32x4.load(x, step.offset).sub(m), step), b[step.lane]));
      });
      use(total(f, a), total(f, b));
    });
  };
}

/** Value i of an array as a double, or `otherwise` where there is no array. */
function valueOr(f: FunctionBuilder, array: I32, i: I32, otherwise: number): F64 {
  const v = f.let(F64.of(otherwise));
  f.if(array.ne(0), () => v.set(F32.load(array.add(i.shl(2))).toF64()));
  return v;
}

/** Adds to value i of a gradient, if it is wanted. */
function addTo(f: FunctionBuilder, gradient: I32, i: I32, value: F64): void {
  f.if(gradient.ne(0), () => {
    const at = f.let(gradient.add(i.shl(2)));
    f.store(at, F32.load(at).toF64().add(value).toF32());
  });
}
