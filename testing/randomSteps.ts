import { addRelu } from '../src/tensor/ops/nn/addRelu.js';
import { batchNormRelu2d } from '../src/tensor/ops/nn/batchNorm2d.js';
import * as s from './library.js';

type Draw = s.RandomStream;
type Op = (random: Draw) => { inputs: s.Tensor[]; fn: (...inputs: s.Tensor[]) => s.Tensor };

const between = (random: Draw, low: number, high: number): number => low + random.integer(high - low + 1);
const pick = <T>(random: Draw, choices: readonly T[]): T => choices[random.integer(choices.length)];

/** Copies values; both views are read after both tensors are made, since making one may move the memory. */
function copyInto(target: s.Tensor | null, source: s.Tensor): void {
  target?.data.set(source.data);
}

/** Normal numbers; `positive` ones are at least 0.1. */
function draw(random: Draw, shape: readonly number[], positive = false): s.Tensor {
  const values = Array.from({ length: s.sizeOf(shape) }, () => random.normal());
  return s.Tensor.from(positive ? values.map((v) => Math.abs(v) + 0.1) : values, shape);
}

/** 1 to 4 axes, now and then long enough for many vectors and several threads. */
function anyShape(random: Draw): number[] {
  if (random.integer(12) === 0) return [between(random, 1, 3), between(random, 20_000, 60_000)];
  return Array.from({ length: between(random, 1, 4) }, () => between(random, 1, 9));
}

function images(random: Draw): number[] {
  const side = (): number => between(random, 5, 18);
  return [between(random, 1, 4), between(random, 1, 9), side(), side()];
}

const classes = (random: Draw): { logits: number[]; labels: Int32Array } => {
  const logits = [between(random, 1, 70), between(random, 2, 40)];
  return { logits, labels: Int32Array.from({ length: logits[0] }, () => random.integer(logits[1])) };
};

const unary =
  (fn: (x: s.Tensor, random: Draw) => s.Tensor, positive = false): Op =>
  (random) => ({ inputs: [draw(random, anyShape(random), positive)], fn: (x) => fn(x, random) });

const onImages =
  (make: (random: Draw, shape: number[]) => (x: s.Tensor) => s.Tensor): Op =>
  (random) => {
    const shape = images(random);
    return { inputs: [draw(random, shape)], fn: make(random, shape) };
  };

const binary =
  (fn: (a: s.Tensor, b: s.Tensor) => s.Tensor, positive: readonly [boolean, boolean] = [false, false]): Op =>
  (random) => {
    const shape = anyShape(random);
    const stretched = (): number[] => shape.map((n) => (random.integer(3) === 0 ? 1 : n));
    const [a, b] = random.integer(2) === 0 ? [shape, shape] : [stretched(), stretched()];
    return { inputs: [draw(random, a, positive[0]), draw(random, b, positive[1])], fn };
  };

const convolution: Op = (random) => {
  const groups = pick(random, [1, 1, 1, 2, 4]);
  const depthwise = random.integer(5) === 0;
  const inChannels = depthwise ? between(random, 1, 12) : groups * between(random, 1, 9);
  const outChannels = depthwise ? inChannels * between(random, 1, 2) : groups * between(random, 1, 18);
  const kernel = pick(random, [1, 3, 3, 3, 5, 7, 2]);
  const [height, width] = [between(random, 7, 20), between(random, 7, 20)];
  const options = {
    stride: pick(random, [1, 1, 1, 2, 3]),
    padding: pick(random, [0, 1, Math.floor(kernel / 2), 'same' as const]),
    dilation: height > 13 && width > 13 ? pick(random, [1, 1, 2]) : 1,
    groups: depthwise ? inChannels : groups,
  };
  const inputs = [
    draw(random, [between(random, 1, 5), inChannels, height, width]),
    draw(random, [outChannels, inChannels / options.groups, kernel, kernel]),
  ];
  if (options.padding === 'same' && options.stride !== 1) options.padding = 1;
  if (random.integer(2) === 0) inputs.push(draw(random, [outChannels]));
  return { inputs, fn: (x, w, b) => s.conv2d(x, w, b ?? null, options) };
};

/** Convolution, batch norm and rectifier as `predict` computes them: in one. */
const fused: Op = (random) => {
  const [channels, out] = [between(random, 1, 20), between(random, 1, 20)];
  const depthwise = random.integer(3) === 0;
  const conv = new s.Conv2d(channels, depthwise ? channels : out, pick(random, [1, 3, 3, 5]), {
    stride: pick(random, [1, 1, 2]),
    padding: 1,
    groups: depthwise ? channels : 1,
    bias: random.integer(2) === 0,
  });
  const norm = new s.BatchNorm2d(depthwise ? channels : out);
  copyInto(norm.runningMean, draw(random, [norm.features]));
  copyInto(norm.runningVar, draw(random, [norm.features], true));
  const model = new s.Sequential(conv, norm, ...pick(random, [[], [new s.ReLU()], [new s.ReLU6()]]));
  const x = draw(random, [between(random, 1, 3), channels, between(random, 5, 15), between(random, 5, 15)]);
  return { inputs: [], fn: () => model.predict(x) };
};

const affine = (random: Draw, size: number): s.Tensor[] =>
  random.integer(3) === 0 ? [] : [draw(random, [size], true), draw(random, [size])];

const normalization =
  (fn: (x: s.Tensor, options: s.BatchNorm2dOptions) => s.Tensor): Op =>
  (random) => {
    const shape = images(random);
    const training = random.integer(3) > 0;
    const [runningMean, runningVar] = [draw(random, [shape[1]]), draw(random, [shape[1]], true)];
    return {
      inputs: [draw(random, shape), ...affine(random, shape[1])],
      fn: (x, weight, bias) => fn(x, { weight, bias, runningMean, runningVar, training }),
    };
  };

const optimizer =
  (make: (p: s.Parameter[], random: Draw) => { step(): void }): Op =>
  (random) => {
    const p = new s.Parameter(draw(random, [s.sizeOf(anyShape(random))]).data.slice());
    const optimizer = make([p], random);
    return {
      inputs: [],
      fn: () => {
        for (let step = 0; step < 3; step++) {
          const { data } = p.gradientBuffer();
          for (let i = 0; i < data.length; i++) data[i] = random.normal();
          s.clipGradNorm([p], 5);
          s.clipGradValue([p], 0.5);
          optimizer.step();
        }
        return s.Tensor.zeros([1]);
      },
    };
  };

/** Every operation and optimizer with shapes, options and numbers drawn at random. */
export const ops: Readonly<Record<string, Op>> = {
  add: binary(s.add),
  sub: binary(s.sub),
  mul: binary(s.mul),
  div: binary(s.div, [false, true]),
  pow: binary(s.pow, [true, false]),
  addRelu: (random) => {
    const shape = anyShape(random);
    return { inputs: [draw(random, shape), draw(random, shape)], fn: addRelu };
  },
  exp: unary((x) => s.exp(x)),
  log: unary((x) => s.log(x), true),
  sqrt: unary((x) => s.sqrt(x), true),
  abs: unary((x) => s.abs(x)),
  neg: unary((x) => s.neg(x)),
  sum: unary((x, random) => s.sum(x, random.integer(x.shape.length))),
  mean: unary((x) => s.mean(x)),
  max: unary((x, random) => s.max(x, random.integer(x.shape.length))),
  relu: unary((x) => s.relu(x)),
  relu6: unary((x) => s.relu6(s.mul(x, 5))),
  leakyRelu: unary((x) => s.leakyRelu(x, 0.1)),
  elu: unary((x) => s.elu(x, 0.7)),
  gelu: unary((x) => s.gelu(x)),
  geluTanh: unary((x) => s.gelu(x, { approximate: 'tanh' })),
  silu: unary((x) => s.silu(x)),
  hardSwish: unary((x) => s.hardSwish(s.mul(x, 3))),
  hardSigmoid: unary((x) => s.hardSigmoid(s.mul(x, 3))),
  sigmoid: unary((x) => s.sigmoid(x)),
  tanh: unary((x) => s.tanh(x)),
  softmax: unary((x, random) => s.softmax(x, random.integer(x.shape.length))),
  logSoftmax: unary((x, random) => s.logSoftmax(x, random.integer(x.shape.length))),
  dropout: unary((x) => s.dropout(x, { p: 0.3, training: true })),
  dropout2d: onImages(() => (x) => s.dropout2d(x, { p: 0.3, training: true })),
  permute: unary((x) => s.permute(x, [...x.shape.keys()].reverse())),
  slice: unary((x, random) => s.slice(x, x.shape.length - 1, random.integer(x.shape[x.shape.length - 1]))),
  concat: unary((x) => s.concat([x, s.neg(x), x], x.shape.length - 1)),
  pad: onImages((random) => {
    const mode = pick(random, ['zero', 'reflect', 'replicate'] as const);
    const sides = [0, 1, 2, 3].map(() => between(random, 0, 3)) as [number, number, number, number];
    return (x) => s.pad(x, sides, { mode });
  }),
  conv2d: convolution,
  convTranspose2d: (random) => {
    const [inChannels, outChannels] = [between(random, 1, 6), between(random, 1, 6)];
    const stride = between(random, 1, 3);
    return {
      inputs: [draw(random, [2, inChannels, 5, 6]), draw(random, [inChannels, outChannels, 3, 3])],
      fn: (x, w) => s.convTranspose2d(x, w, null, { stride, padding: 1 }),
    };
  },
  matmul: (random) => {
    const [m, n, k] = [between(random, 1, 70), between(random, 1, 70), between(random, 1, 70)];
    const batch = pick(random, [[], [], [3], [2, 2]]);
    return {
      inputs: [draw(random, [...batch, m, k]), draw(random, [...pick(random, [batch, []]), k, n])],
      fn: s.matmul,
    };
  },
  linear: (random) => {
    const [n, i, o] = [between(random, 1, 70), between(random, 1, 90), between(random, 1, 70)];
    return { inputs: [draw(random, [n, i]), draw(random, [o, i]), draw(random, [o])], fn: s.linear };
  },
  maxPool2d: onImages((random) => {
    const kernelSize = between(random, 1, 4);
    const options = { kernelSize, stride: between(random, 1, 3), padding: random.integer((kernelSize >> 1) + 1) };
    return (x) => s.maxPool2d(x, { ...options, ceilMode: kernelSize === 3 });
  }),
  avgPool2d: onImages((random) => {
    const kernelSize = between(random, 1, 4);
    const options = { kernelSize, stride: between(random, 1, 3), padding: random.integer((kernelSize >> 1) + 1) };
    return (x) => s.avgPool2d(x, { ...options, countIncludePad: random.integer(2) === 0 });
  }),
  adaptiveAvgPool2d: onImages((random) => (x) => s.adaptiveAvgPool2d(x, [between(random, 1, 7), 3])),
  adaptiveMaxPool2d: onImages((random) => (x) => s.adaptiveMaxPool2d(x, [between(random, 1, 7), 3])),
  upsampleNearest2d: onImages(
    (random) => (x) => s.upsample2d(x, { size: [between(random, 1, 25), 11], mode: 'nearest' }),
  ),
  upsampleBilinear2d: onImages((random) => {
    const options = { size: [between(random, 1, 25), 11] as const, alignCorners: random.integer(2) === 0 };
    return (x) => s.upsample2d(x, { ...options, mode: 'bilinear' });
  }),
  batchNorm2d: normalization(s.batchNorm2d),
  batchNormRelu2d: normalization(batchNormRelu2d),
  groupNorm: (random) => {
    const groups = between(random, 1, 4);
    const shape = images(random);
    shape[1] = groups * between(random, 1, 4);
    return {
      inputs: [draw(random, shape), ...affine(random, shape[1])],
      fn: (x, weight, bias) => s.groupNorm(x, groups, { weight, bias }),
    };
  },
  layerNorm: (random) => {
    const [rows, size] = [between(random, 1, 40), between(random, 2, 90)];
    return {
      inputs: [draw(random, [rows, size]), ...affine(random, size)],
      fn: (x, weight, bias) => s.layerNorm(x, size, { weight, bias }),
    };
  },
  localResponseNorm: onImages((random) => {
    const options = { size: between(random, 1, 6), alpha: 0.1, beta: pick(random, [0.5, 0.75]), k: 2 };
    return (x) => s.localResponseNorm(x, options);
  }),
  crossEntropy: (random) => {
    const { logits, labels } = classes(random);
    const weight = random.integer(2) === 0 ? draw(random, [logits[1]], true) : undefined;
    const labelSmoothing = pick(random, [0, 0.1]);
    return { inputs: [draw(random, logits)], fn: (x) => s.crossEntropy(x, labels, { weight, labelSmoothing }) };
  },
  multiclassHinge: (random) => {
    const { logits, labels } = classes(random);
    const power = pick(random, [1, 2] as const);
    return { inputs: [draw(random, logits)], fn: (x) => s.multiclassHinge(x, labels, { power }) };
  },
  binaryCrossEntropyWithLogits: (random) => {
    const shape = anyShape(random);
    const target = s.Tensor.from(
      Array.from({ length: s.sizeOf(shape) }, () => random.integer(2)),
      shape,
    );
    const positiveWeight = random.integer(2) === 0 ? draw(random, [shape[shape.length - 1]], true) : undefined;
    return { inputs: [draw(random, shape)], fn: (x) => s.binaryCrossEntropyWithLogits(x, target, { positiveWeight }) };
  },
  huberLoss: (random) => {
    const shape = anyShape(random);
    const target = draw(random, shape);
    return { inputs: [draw(random, shape)], fn: (x) => s.huberLoss(x, target, { delta: 0.8 }) };
  },
  fused,
  SGD: optimizer(
    (p, random) => new s.SGD(p, { learningRate: 0.1, momentum: pick(random, [0, 0.9]), weightDecay: 0.01 }),
  ),
  Adam: optimizer((p) => new s.Adam(p, { learningRate: 0.01, weightDecay: 0.01 })),
  AdamW: optimizer((p) => new s.AdamW(p, { learningRate: 0.01, weightDecay: 0.01 })),
  RMSprop: optimizer(
    (p, random) => new s.RMSprop(p, { learningRate: 0.01, momentum: 0.9, centered: random.integer(2) === 0 }),
  ),
  Adagrad: optimizer((p) => new s.Adagrad(p, { learningRate: 0.01 })),
  Lion: optimizer((p) => new s.Lion(p, { learningRate: 0.01, weightDecay: 0.01 })),
  LAMB: optimizer((p) => new s.LAMB(p, { learningRate: 0.01, weightDecay: 0.01 })),
  Adadelta: optimizer((p) => new s.Adadelta(p, { learningRate: 1 })),
};

const names = Object.keys(ops);

/** The operation that step `i` runs: all in turn. */
export function nameOfStep(i: number): string {
  return names[i % names.length];
}

/**
 * Step `i`: one operation forward, and backward under a random cotangent. Returns its output and gradients: the same
 * numbers for the same i, whatever ran before.
 */
export function randomStep(i: number): Float32Array[] {
  const random = new s.RandomStream(`step ${i}`);
  const dropout = s.randomState();
  s.manualSeed(i);
  try {
    return s.scope(() => {
      const { inputs, fn } = ops[nameOfStep(i)](random);
      return s.withTape((tape) => {
        const y = fn(...inputs);
        const answers = [y];
        if (inputs.length > 0) answers.push(...tape.gradient(y, inputs, { cotangent: draw(random, y.shape) }));
        return answers.map((t) => Float32Array.from(t.data));
      });
    });
  } finally {
    s.restoreRandomState(dropout);
  }
}
