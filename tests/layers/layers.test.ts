import { beforeEach, describe, expect, it } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import * as layers from '../../src/layers/index.js';
import { adaptiveAvgPool2d } from '../../src/tensor/ops/nn/adaptiveAvgPool2d.js';
import { adaptiveMaxPool2d } from '../../src/tensor/ops/nn/adaptiveMaxPool2d.js';
import { avgPool2d } from '../../src/tensor/ops/nn/avgPool2d.js';
import { batchNorm2d } from '../../src/tensor/ops/nn/batchNorm2d.js';
import { conv2d } from '../../src/tensor/ops/nn/conv2d.js';
import { convTranspose2d } from '../../src/tensor/ops/nn/convTranspose2d.js';
import { dropout } from '../../src/tensor/ops/nn/dropout.js';
import { dropout2d } from '../../src/tensor/ops/nn/dropout2d.js';
import { elu } from '../../src/tensor/ops/nn/elu.js';
import { gelu } from '../../src/tensor/ops/nn/gelu.js';
import { globalAvgPool2d } from '../../src/tensor/ops/nn/globalAvgPool2d.js';
import { globalMaxPool2d } from '../../src/tensor/ops/nn/globalMaxPool2d.js';
import { groupNorm } from '../../src/tensor/ops/nn/groupNorm.js';
import { hardSigmoid } from '../../src/tensor/ops/nn/hardSigmoid.js';
import { hardSwish } from '../../src/tensor/ops/nn/hardSwish.js';
import { layerNorm } from '../../src/tensor/ops/nn/layerNorm.js';
import { leakyRelu } from '../../src/tensor/ops/nn/leakyRelu.js';
import { linear } from '../../src/tensor/ops/nn/linear.js';
import { localResponseNorm } from '../../src/tensor/ops/nn/localResponseNorm.js';
import { logSoftmax } from '../../src/tensor/ops/nn/logSoftmax.js';
import { maxPool2d } from '../../src/tensor/ops/nn/maxPool2d.js';
import { relu } from '../../src/tensor/ops/nn/relu.js';
import { relu6 } from '../../src/tensor/ops/nn/relu6.js';
import { sigmoid } from '../../src/tensor/ops/nn/sigmoid.js';
import { silu } from '../../src/tensor/ops/nn/silu.js';
import { softmax } from '../../src/tensor/ops/nn/softmax.js';
import { tanh } from '../../src/tensor/ops/nn/tanh.js';
import { upsample2d } from '../../src/tensor/ops/nn/upsample2d.js';
import { flatten } from '../../src/tensor/ops/shape/flatten.js';
import { pad } from '../../src/tensor/ops/shape/pad.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { normals } from '../../testing/arbitraries.js';

beforeEach(() => manualSeed(1));

/** A layer, its print, its state dict as 'name shape', and the operation that it must equal. */
type Row = [layer: () => layers.Module, print: string, state: string, op: (x: Tensor, own: Tensor[]) => Tensor];

const SIZE = [2, 4, 6, 6];
const affine = 'weight [4], bias [4]';

const rows: Row[] = [
  [
    () => new layers.Conv2d(4, 6, 3),
    'Conv2d(4, 6, kernelSize=3, stride=1)',
    'weight [6, 4, 3, 3], bias [6]',
    (x, [w, b]) => conv2d(x, w, b),
  ],
  [
    () => new layers.Conv2d(4, 6, [3, 1], { stride: 2, padding: [1, 0], dilation: 2, groups: 2, bias: false }),
    'Conv2d(4, 6, kernelSize=[3, 1], stride=2, padding=[1, 0], dilation=2, groups=2, bias=false)',
    'weight [6, 2, 3, 1]',
    (x, [w]) => conv2d(x, w, null, { stride: 2, padding: [1, 0], dilation: 2, groups: 2 }),
  ],
  [
    () => new layers.Conv2d(4, 4, 3, { padding: 'same' }),
    'Conv2d(4, 4, kernelSize=3, padding=same, stride=1)',
    'weight [4, 4, 3, 3], bias [4]',
    (x, [w, b]) => conv2d(x, w, b, { padding: 'same' }),
  ],
  [
    () => new layers.ConvTranspose2d(4, 6, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
    'ConvTranspose2d(4, 6, kernelSize=3, stride=2, padding=1, outputPadding=1, groups=2)',
    'weight [4, 3, 3, 3], bias [6]',
    (x, [w, b]) => convTranspose2d(x, w, b, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
  ],
  [
    () => new layers.Linear(6, 5),
    'Linear(inFeatures=6, outFeatures=5, bias=true)',
    'weight [5, 6], bias [5]',
    (x, [w, b]) => linear(x, w, b),
  ],
  [
    () => new layers.Linear(6, 5, { bias: false }),
    'Linear(inFeatures=6, outFeatures=5, bias=false)',
    'weight [5, 6]',
    (x, [w]) => linear(x, w, null),
  ],
  [
    () => new layers.BatchNorm2d(4),
    'BatchNorm2d(4, eps=0.00001, momentum=0.1)',
    `${affine}, running_mean [4], running_var [4]`,
    (x, [weight, bias]) => batchNorm2d(x, { weight, bias, training: true, eps: 1e-5 }),
  ],
  [
    () => new layers.BatchNorm2d(4).eval(),
    'BatchNorm2d(4, eps=0.00001, momentum=0.1)',
    `${affine}, running_mean [4], running_var [4]`,
    (x, [weight, bias, runningMean, runningVar]) =>
      batchNorm2d(x, { weight, bias, runningMean, runningVar, training: false, eps: 1e-5 }),
  ],
  [
    () => new layers.BatchNorm2d(4, { affine: false, trackRunningStats: false, eps: 0.25 }).eval(),
    'BatchNorm2d(4, eps=0.25, momentum=0.1, affine=false, trackRunningStats=false)',
    '',
    (x) => batchNorm2d(x, { weight: null, bias: null, training: true, eps: 0.25 }),
  ],
  [
    () => new layers.BatchNorm2d(4, { scale: false, momentum: 0.4 }),
    'BatchNorm2d(4, eps=0.00001, momentum=0.4, scale=false)',
    'bias [4], running_mean [4], running_var [4]',
    (x, [bias]) => batchNorm2d(x, { weight: null, bias, training: true, eps: 1e-5 }),
  ],
  [
    () => new layers.GroupNorm(2, 4, { eps: 0.5 }),
    'GroupNorm(2, 4, eps=0.5)',
    affine,
    (x, [weight, bias]) => groupNorm(x, 2, { weight, bias, eps: 0.5 }),
  ],
  [
    () => new layers.LayerNorm([6, 6]),
    'LayerNorm([6, 6], eps=0.00001)',
    'weight [6, 6], bias [6, 6]',
    (x, [weight, bias]) => layerNorm(x, [6, 6], { weight, bias, eps: 1e-5 }),
  ],
  [
    () => new layers.LayerNorm(6, { affine: false }),
    'LayerNorm([6], eps=0.00001, affine=false)',
    '',
    (x) => layerNorm(x, [6], { weight: null, bias: null, eps: 1e-5 }),
  ],
  [
    () => new layers.LocalResponseNorm(3, { alpha: 0.5, k: 2 }),
    'LocalResponseNorm(3, alpha=0.5, beta=0.75, k=2)',
    '',
    (x) => localResponseNorm(x, { size: 3, alpha: 0.5, beta: 0.75, k: 2 }),
  ],
  [() => new layers.Dropout(0.25), 'Dropout(p=0.25)', '', (x) => dropout(x, { p: 0.25, training: true })],
  [() => new layers.Dropout().eval(), 'Dropout(p=0.5)', '', (x) => x],
  [() => new layers.Dropout2d(0.5), 'Dropout2d(p=0.5)', '', (x) => dropout2d(x, { p: 0.5, training: true })],
  [() => new layers.Dropout2d().eval(), 'Dropout2d(p=0.5)', '', (x) => x],
  [() => new layers.StochasticDepth(0.5).eval(), 'StochasticDepth(p=0.5)', '', (x) => x],
  [() => new layers.MaxPool2d(2), 'MaxPool2d(kernelSize=2, stride=2)', '', (x) => maxPool2d(x, { kernelSize: 2 })],
  [
    () => new layers.MaxPool2d([3, 2], { stride: 2, padding: 1, ceilMode: true }),
    'MaxPool2d(kernelSize=[3, 2], stride=2, padding=1, ceilMode=true)',
    '',
    (x) => maxPool2d(x, { kernelSize: [3, 2], stride: 2, padding: 1, ceilMode: true }),
  ],
  [
    () => new layers.AvgPool2d(3, { stride: 1, padding: 1, countIncludePad: false }),
    'AvgPool2d(kernelSize=3, stride=1, padding=1, countIncludePad=false)',
    '',
    (x) => avgPool2d(x, { kernelSize: 3, stride: 1, padding: 1, countIncludePad: false }),
  ],
  [() => new layers.AdaptiveAvgPool2d(4), 'AdaptiveAvgPool2d(outputSize=4)', '', (x) => adaptiveAvgPool2d(x, 4)],
  [
    () => new layers.AdaptiveMaxPool2d([1, 4]),
    'AdaptiveMaxPool2d(outputSize=[1, 4])',
    '',
    (x) => adaptiveMaxPool2d(x, [1, 4]),
  ],
  [() => new layers.GlobalAvgPool2d(), 'GlobalAvgPool2d()', '', globalAvgPool2d],
  [() => new layers.GlobalMaxPool2d(), 'GlobalMaxPool2d()', '', globalMaxPool2d],
  [
    () => new layers.Upsample({ scale: 2, mode: 'bilinear' }),
    'Upsample(scale=2, mode=bilinear)',
    '',
    (x) => upsample2d(x, { scale: 2, mode: 'bilinear' }),
  ],
  [() => new layers.Flatten(2), 'Flatten(startAxis=2)', '', (x) => flatten(x, 2)],
  [() => new layers.Identity(), 'Identity()', '', (x) => x],
  [() => new layers.ZeroPad2d(1), 'ZeroPad2d(padding=1)', '', (x) => pad(x, 1)],
  [
    () => new layers.ReflectionPad2d([1, 2]),
    'ReflectionPad2d(padding=[1, 2])',
    '',
    (x) => pad(x, [1, 2], { mode: 'reflect' }),
  ],
  [
    () => new layers.ReplicationPad2d([1, 2, 3, 4]),
    'ReplicationPad2d(padding=[1, 2, 3, 4])',
    '',
    (x) => pad(x, [1, 2, 3, 4], { mode: 'replicate' }),
  ],
  [() => new layers.ReLU(), 'ReLU()', '', relu],
  [() => new layers.ReLU6(), 'ReLU6()', '', relu6],
  [() => new layers.LeakyReLU(0.2), 'LeakyReLU(slope=0.2)', '', (x) => leakyRelu(x, 0.2)],
  [() => new layers.ELU(2), 'ELU(alpha=2)', '', (x) => elu(x, 2)],
  [() => new layers.GELU(), 'GELU(approximate=none)', '', (x) => gelu(x)],
  [
    () => new layers.GELU({ approximate: 'tanh' }),
    'GELU(approximate=tanh)',
    '',
    (x) => gelu(x, { approximate: 'tanh' }),
  ],
  [() => new layers.SiLU(), 'SiLU()', '', silu],
  [() => new layers.HardSwish(), 'HardSwish()', '', hardSwish],
  [() => new layers.HardSigmoid(), 'HardSigmoid()', '', hardSigmoid],
  [() => new layers.Sigmoid(), 'Sigmoid()', '', sigmoid],
  [() => new layers.Tanh(), 'Tanh()', '', tanh],
  [() => new layers.Softmax(1), 'Softmax(axis=1)', '', (x) => softmax(x, 1)],
  [() => new layers.LogSoftmax(), 'LogSoftmax(axis=-1)', '', (x) => logSoftmax(x)],
];

describe.each(rows)('a layer', (make, print, state, op) => {
  it(`${print} shows itself so, holds its parameters and equals its operation`, () => {
    const layer = make();
    expect(String(layer)).toBe(print);
    const own = [...layer.namedTensors()];
    expect(own.map(([name, { shape }]) => `${name} [${shape.join(', ')}]`).join(', ')).toBe(state);
    for (const [name, t] of own) {
      const values = normals(t.shape, name);
      t.data.set(name === 'running_var' ? values.map((v) => v * v + 1) : values);
    }
    const x = Tensor.from(normals(SIZE, 'x'), SIZE);
    manualSeed(2);
    const wanted = op(
      x,
      own.map(([, t]) => Tensor.from(t.data.slice(), t.shape)),
    );
    manualSeed(2);
    const y = layer.forward(x);
    expect(y.shape).toEqual(wanted.shape);
    expect(y.data.slice()).toEqual(wanted.data.slice());
  });
});

it('every layer of the index is in the list above', () => {
  const tested = new Set(rows.map(([make]) => make().constructor.name));
  const classes = Object.entries(layers).filter(
    ([, v]) => typeof v === 'function' && v.prototype instanceof layers.Module,
  );
  expect(classes.map(([name]) => name).filter((name) => !tested.has(name))).toEqual(['Sequential']);
});

describe('new weights', () => {
  it('of convolutions and linear layers lie within 1 / sqrt(fanIn), and fill that range', () => {
    for (const [layer, fanIn] of [
      [new layers.Conv2d(16, 32, 3), 144],
      [new layers.Conv2d(16, 32, 3, { groups: 4 }), 36],
      [new layers.ConvTranspose2d(16, 32, 3), 288],
      [new layers.Linear(100, 50), 100],
    ] as const) {
      for (const t of [layer.weight, layer.bias as Tensor]) {
        const largest = t.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0) * Math.sqrt(fanIn);
        expect(largest).toBeLessThanOrEqual(1 + 2 ** -23);
        expect(largest).toBeGreaterThan(0.8);
      }
    }
  });

  it('of norms are the identity', () => {
    const norm = new layers.BatchNorm2d(2).eval();
    const x = Tensor.from(normals([1, 2, 2, 2], 1), [1, 2, 2, 2]);
    const shrunk = [...x.data].map((v) => v / Math.sqrt(1 + 1e-5));
    norm.forward(x).data.forEach((v, i) => {
      expect(v).toBeCloseTo(shrunk[i], 6);
    });
  });
});

describe('running statistics', () => {
  it('move in training mode only', () => {
    const norm = new layers.BatchNorm2d(1, { momentum: 0.5 });
    const x = Tensor.from([1, 3, 5, 7], [4, 1, 1, 1]);
    norm.forward(x);
    expect([norm.runningMean?.item(), norm.runningVar?.item()]).toEqual([2, Math.fround(0.5 + 20 / 6)]);
    norm.eval().forward(x);
    expect(norm.runningMean?.item()).toBe(2);
  });
});

describe('bad options', () => {
  it.each<[string, () => unknown]>([
    ['Conv2d: inChannels is 0, but must be a whole number >= 1.', () => new layers.Conv2d(0, 4, 3)],
    ['Conv2d: outChannels is 2.5', () => new layers.Conv2d(4, 2.5, 3)],
    ['Conv2d: kernelSize is 0', () => new layers.Conv2d(4, 4, 0)],
    [
      'Conv2d: groups=3 must divide both inChannels=4 and outChannels=6.',
      () => new layers.Conv2d(4, 6, 3, { groups: 3 }),
    ],
    ['ConvTranspose2d: groups=3 must divide both', () => new layers.ConvTranspose2d(4, 6, 3, { groups: 3 })],
    ['Linear: inFeatures is -1', () => new layers.Linear(-1, 4)],
    ['BatchNorm2d: features is 0', () => new layers.BatchNorm2d(0)],
    ['GroupNorm: groups=3 must divide channels=4.', () => new layers.GroupNorm(3, 4)],
    ['LayerNorm: an axis of normalizedShape is 0', () => new layers.LayerNorm([4, 0])],
    ['LocalResponseNorm: size is 0', () => new layers.LocalResponseNorm(0)],
    ['Dropout: p is 1.5, but must be between 0 and 1.', () => new layers.Dropout(1.5)],
    ['Dropout2d: p is NaN', () => new layers.Dropout2d(Number.NaN)],
    ['MaxPool2d: kernelSize is 0', () => new layers.MaxPool2d(0)],
    ['AdaptiveAvgPool2d: outputSize is 0', () => new layers.AdaptiveAvgPool2d(0)],
    [
      "GELU: approximate is 'erf', but must be one of 'none', 'tanh'.",
      () => new layers.GELU({ approximate: 'erf' as 'tanh' }),
    ],
  ])('%s', (message, fn) => {
    expect(fn).toThrow(message);
  });
});
