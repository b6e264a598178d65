import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { F32, F64, type I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { accumulators, clear, forEachStep, maskStep, storeStep, total } from '../elementwise/steps.js';
import { BLOCK, type ForEachBlock, moments, walkBlock } from './moments.js';

const shape = { batch: 'i32', channels: 'i32', spatial: 'i32', blockImages: 'i32', eps: 'f64' } as const;
const channelValues = { mean: 'i32', variance: 'i32', weight: 'i32', bias: 'i32' } as const;

const statisticsParameters = { mean: 'i32', variance: 'i32', x: 'i32', ...shape } as const;
const runningParameters = {
  runningMean: 'i32',
  runningVar: 'i32',
  mean: 'i32',
  variance: 'i32',
  keep: 'f64',
  momentum: 'f64',
  unbiased: 'f64',
} as const;
const foldParameters = { scale: 'i32', shift: 'i32', ...channelValues, b: 'i32', eps: 'f64' } as const;
const forwardParameters = { y: 'i32', x: 'i32', ...channelValues, ...shape } as const;
const backwardParameters = {
  dx: 'i32',
  dWeight: 'i32',
  dBias: 'i32',
  dy: 'i32',
  x: 'i32',
  ...channelValues,
  ...shape,
} as const;

type BackwardParameters = { [K in keyof typeof backwardParameters]: Variable<(typeof backwardParameters)[K]> };
type Shape = { [K in keyof typeof shape]: Variable<(typeof shape)[K]> };
type ChannelValues = { [K in keyof typeof channelValues]: Variable<'i32'> };

const batchNormProgram = new Program('batchNorm', (module) => {
  defineStatistics(module);
  defineRunning(module);
  defineFold(module);
  for (const relu of [false, true]) {
    defineForward(module, relu);
    for (const inPlace of [false, true]) {
      defineBackward(module, relu, inPlace);
      defineEvalBackward(module, relu, inPlace);
    }
  }
});

/** The name of a backward pass; in place, dx is dy and is replaced. */
export function backwardName(pass: 'backward' | 'evalBackward', relu: boolean, inPlace: boolean) {
  return `${pass}${relu ? 'Relu' : ''}${inPlace ? 'InPlace' : ''}` as const;
}

export const statistics = batchNormProgram.entry('statistics', statisticsParameters);
export const running = batchNormProgram.entry('running', runningParameters);
export const fold = batchNormProgram.entry('fold', foldParameters);
export const forward = batchNormProgram.entries(['forward', 'forwardRelu'], forwardParameters);
export const backward = batchNormProgram.entries(
  [
    'backward',
    'backwardRelu',
    'backwardInPlace',
    'backwardReluInPlace',
    'evalBackward',
    'evalBackwardRelu',
    'evalBackwardInPlace',
    'evalBackwardReluInPlace',
  ],
  backwardParameters,
);

/** The blocks of channel c: a part of a plane, or several small planes. */
function channelBlocks(f: FunctionBuilder, p: Shape, c: I32): ForEachBlock {
  return (body) => {
    const runBytes = f.let(p.channels.mul(p.spatial).shl(2));
    f.loop(0, p.batch, p.blockImages, (n) => {
      const runs = f.let(p.batch.sub(n).min(p.blockImages));
      const start = f.let(n.mul(p.channels).add(c).mul(p.spatial).shl(2));
      f.loop(0, p.spatial, BLOCK, (s) => {
        body({ offset: f.let(start.add(s.shl(2))), runBytes, runs, length: f.let(p.spatial.sub(s).min(BLOCK)) });
      });
    });
  };
}

/** A unit is a channel. */
function defineStatistics(module: ModuleBuilder): void {
  module.func('statistics', { ...statisticsParameters, ...span }, (f, p) => {
    f.loop(p.begin, p.end, 1, (c) => {
      const { mean, variance } = moments(f, p.x, channelBlocks(f, p, c));
      f.store(p.mean.add(c.shl(2)), mean.toF32());
      f.store(p.variance.add(c.shl(2)), variance.toF32());
    });
  });
}

function defineRunning(module: ModuleBuilder): void {
  module.func('running', { ...runningParameters, ...span }, (f, p) => {
    f.loop(p.begin.shl(2), p.end.shl(2), 4, (c) => {
      const value = (of: I32): F64 => F32.load(of.add(c)).toF64();
      const mean = p.keep.mul(value(p.runningMean)).add(p.momentum.mul(value(p.mean)));
      f.store(p.runningMean.add(c), mean.toF32());
      const variance = p.momentum.mul(value(p.variance)).mul(p.unbiased);
      f.store(p.runningVar.add(c), p.keep.mul(value(p.runningVar)).add(variance).toF32());
    });
  });
}

/** scale and shift of evaluation, in doubles. A unit is a channel. */
function defineFold(module: ModuleBuilder): void {
  module.func('fold', { ...foldParameters, ...span }, (f, p) => {
    f.loop(p.begin.shl(2), p.end.shl(2), 4, (c) => {
      const value = (of: I32): F64 => F32.load(of.add(c)).toF64();
      const scale = f.let(F64.of(1).div(value(p.variance).add(p.eps).sqrt()));
      f.if(p.weight.ne(0), () => scale.set(scale.mul(value(p.weight))));
      const center = f.let(F64.of(0).sub(value(p.mean)));
      f.if(p.b.ne(0), () => center.set(center.add(value(p.b))));
      const shift = f.let(center.mul(scale));
      f.if(p.bias.ne(0), () => shift.set(shift.add(value(p.bias))));
      f.store(p.scale.add(c), scale.toF32());
      f.store(p.shift.add(c), shift.toF32());
    });
  });
}

interface Channel {
  mean: F32x4;
  invStd: F64;
  scale: F32x4;
  shift: F32x4;
}

function loadChannel(f: FunctionBuilder, p: Shape & ChannelValues, c: I32): Channel {
  const at = f.let(c.shl(2));
  const invStd = f.let(F64.of(1).div(F32.load(p.variance.add(at)).toF64().add(p.eps).sqrt()));
  const scale = f.let(invStd);
  f.if(p.weight.ne(0), () => scale.set(scale.mul(F32.load(p.weight.add(at)).toF64())));
  const shift = f.let(F32x4.of(0));
  f.if(p.bias.ne(0), () => shift.set(F32x4.splat(p.bias.add(at))));
  return { mean: f.let(F32x4.splat(p.mean.add(at))), invStd, scale: f.let(F32x4.of(scale.toF32())), shift };
}

/** y before the rectifier, by the same instructions in both directions, so that both agree on its sign. */
function normalized(f: FunctionBuilder, centered: F32x4, { scale, shift }: Channel): F32x4 {
  return f.fma(centered, scale, shift);
}

/** A unit is a plane: x and y are read and written from end to end. */
function defineForward(module: ModuleBuilder, relu: boolean): void {
  module.func(relu ? 'forwardRelu' : 'forward', { ...forwardParameters, ...span }, (f, p) => {
    const y = f.let(p.y.add(p.begin.mul(p.spatial).shl(2)));
    const x = f.let(p.x.add(p.begin.mul(p.spatial).shl(2)));
    f.loop(p.begin, p.end, 1, (plane) => {
      const channel = loadChannel(f, p, plane.rem(p.channels));
      const [toY, fromX] = [f.let(y), f.let(x)];
      forEachStep(f, p.spatial, [toY, fromX], 4, (step) => {
        const v = normalized(f, F32x4.load(fromX, step.offset).sub(channel.mean), channel);
        // pmax keeps a NaN on its left.
        storeStep(f, toY, relu ? v.pmax(F32x4.of(0)) : v, step);
      });
      y.set(y.add(p.spatial.shl(2)));
      x.set(x.add(p.spatial.shl(2)));
    });
  });
}

/** dy where y > 0, else 0; y is computed anew from x, which is read anyway. */
function passing(f: FunctionBuilder, relu: boolean, dy: F32x4, centered: F32x4, channel: Channel): F32x4 {
  return relu ? normalized(f, centered, channel).gt(F32x4.of(0)).mask(dy) : dy;
}

/** (1) sum of dy and of dy (x - mean), added to dBias and dWeight; returned as doubles. */
function channelSums(f: FunctionBuilder, p: BackwardParameters, c: I32, channel: Channel, relu: boolean) {
  const [a, b] = [accumulators(f), accumulators(f)];
  const sumDy = f.let(F64.of(0));
  const sumDyX = f.let(F64.of(0));
  channelBlocks(
    f,
    p,
    c,
  )((block) => {
    clear(a);
    clear(b);
    walkBlock(f, block, [p.dy, p.x], (step, [dy, x]) => {
      const centered = f.let(maskStep(F32x4.load(x, step.offset).sub(channel.mean), step));
      const d = f.let(passing(f, relu, maskStep(F32x4.load(dy, step.offset), step), centered, channel));
      a[step.lane].set(a[step.lane].add(d));
      b[step.lane].set(f.fma(d, centered, b[step.lane]));
    });
    sumDy.set(sumDy.add(total(f, a)));
    sumDyX.set(sumDyX.add(total(f, b)));
  });
  const at = f.let(c.shl(2));
  const addTo = (gradient: I32, value: F64): void =>
    f.if(gradient.ne(0), () => f.store(gradient.add(at), F32.load(gradient.add(at)).toF64().add(value).toF32()));
  addTo(p.dBias, sumDy);
  addTo(p.dWeight, sumDyX.mul(channel.invStd));
  return { sumDy, sumDyX };
}

/** A unit is a channel: its sums, then its dx while much of it is still in the second-level cache. */
function defineBackward(module: ModuleBuilder, relu: boolean, inPlace: boolean): void {
  module.func(backwardName('backward', relu, inPlace), { ...backwardParameters, ...span }, (f, p) => {
    f.loop(p.begin, p.end, 1, (c) => {
      const channel = loadChannel(f, p, c);
      const { sumDy, sumDyX } = channelSums(f, p, c, channel, relu);
      f.if(p.dx.ne(0), () => {
        // (2) dx = scale dy - scale slope (x - mean) - scale mean(dy)
        const count = f.let(p.batch.mul(p.spatial).toF64());
        const scale = channel.scale.lane(0).toF64();
        const slope = sumDyX.div(count).mul(channel.invStd).mul(channel.invStd);
        const tilt = f.let(F32x4.of(F64.of(-1).mul(scale).mul(slope).toF32()));
        const level = f.let(F32x4.of(F64.of(-1).mul(scale).mul(sumDy.div(count)).toF32()));
        channelBlocks(
          f,
          p,
          c,
        )((block) => {
          walkBlock(f, block, [p.dx, p.dy, p.x], (step, [dx, dy, x]) => {
            const centered = f.let(F32x4.load(x, step.offset).sub(channel.mean));
            const d = passing(f, relu, F32x4.load(dy, step.offset), centered, channel);
            const v = f.fma(d, channel.scale, f.fma(centered, tilt, level));
            storeStep(f, dx, inPlace ? v : F32x4.load(dx, step.offset).add(v), step);
          });
        });
      });
    });
  });
}

/** Mean and variance are constants: dx is dy, scaled. The sums are skipped where nobody wants them. */
function defineEvalBackward(module: ModuleBuilder, relu: boolean, inPlace: boolean): void {
  module.func(backwardName('evalBackward', relu, inPlace), { ...backwardParameters, ...span }, (f, p) => {
    f.loop(p.begin, p.end, 1, (c) => {
      const channel = loadChannel(f, p, c);
      f.if(p.dWeight.or(p.dBias), () => void channelSums(f, p, c, channel, relu));
      f.if(p.dx.ne(0), () => {
        channelBlocks(
          f,
          p,
          c,
        )((block) => {
          walkBlock(f, block, [p.dx, p.dy, p.x], (step, [dx, dy, x]) => {
            const centered = f.let(F32x4.load(x, step.offset).sub(channel.mean));
            const v = passing(f, relu, F32x4.load(dy, step.offset), centered, channel).mul(channel.scale);
            storeStep(f, dx, inPlace ? v : F32x4.load(dx, step.offset).add(v), step);
          });
        });
      });
    });
  });
}
