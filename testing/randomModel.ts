import { RandomStream } from '../src/base/random.js';
import { BatchNorm2d } from '../src/layers/batchNorm2d.js';
import { Conv2d } from '../src/layers/conv2d.js';
import { Linear } from '../src/layers/linear.js';
import { Module } from '../src/layers/module.js';
import { add } from '../src/tensor/ops/math/add.js';
import { mul } from '../src/tensor/ops/math/mul.js';
import { addRelu } from '../src/tensor/ops/nn/addRelu.js';
import { avgPool2d } from '../src/tensor/ops/nn/avgPool2d.js';
import { globalAvgPool2d } from '../src/tensor/ops/nn/globalAvgPool2d.js';
import { hardSigmoid } from '../src/tensor/ops/nn/hardSigmoid.js';
import { hardSwish } from '../src/tensor/ops/nn/hardSwish.js';
import { maxPool2d } from '../src/tensor/ops/nn/maxPool2d.js';
import { relu } from '../src/tensor/ops/nn/relu.js';
import { relu6 } from '../src/tensor/ops/nn/relu6.js';
import { sigmoid } from '../src/tensor/ops/nn/sigmoid.js';
import { silu } from '../src/tensor/ops/nn/silu.js';
import { tanh } from '../src/tensor/ops/nn/tanh.js';
import { concat } from '../src/tensor/ops/shape/concat.js';
import { pad } from '../src/tensor/ops/shape/pad.js';
import { reshape } from '../src/tensor/ops/shape/reshape.js';
import type { Tensor } from '../src/tensor/tensor.js';

const activations = [relu, relu6, hardSwish, hardSigmoid, silu, sigmoid, tanh, (x: Tensor) => x];

type Step = (values: Tensor[]) => Tensor;

/** Draws values around those of a trained batch norm, so that folding one is not the identity. */
export function scrambleNorms(model: Module, seed = 'norms'): void {
  const random = new RandomStream(seed);
  for (const [, module] of model.namedModules()) {
    if (!(module instanceof BatchNorm2d)) continue;
    for (const t of [module.weight, module.runningVar]) {
      for (let i = 0; t !== null && i < t.size; i++) t.floatsToWrite[i] = 0.6 + 0.8 * random.uniform();
    }
    for (const t of [module.bias, module.runningMean]) {
      for (let i = 0; t !== null && i < t.size; i++) t.floatsToWrite[i] = 0.2 * random.normal();
    }
  }
}

/**
 * A model of operations drawn by `seed`: convolutions with and without batch norm, activations, residuals, branches that are joined, gates for each
 * channel, pooling, padding and reshapes, for images of 4 channels and at least 5x5 pixels.
 */
export function randomModel(seed: number): Module {
  const random = new RandomStream(`model ${seed}`);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)];
  const modules: Module[] = [];
  const own = <M extends Module>(module: M): M => {
    modules.push(module);
    return module;
  };
  const channels = 12;
  const conv = (from: number, to: number, size: number, stride = 1, groups = 1): ((x: Tensor) => Tensor) => {
    const layer = own(new Conv2d(from, to, size, { padding: size >> 1, stride, groups, bias: random.uniform() < 0.5 }));
    const norm = random.uniform() < 0.6 ? own(new BatchNorm2d(to)) : null;
    const act = pick(activations);
    const joint = random.uniform() < 0.3;
    return (x) => {
      const y = layer.forward(x);
      return norm === null ? act(y) : joint ? norm.forwardRelu(y) : act(norm.forward(y));
    };
  };
  const any = (values: Tensor[], place: number): Tensor => values[Math.floor(place * values.length)];
  const steps: Step[] = Array.from({ length: 2 + Math.floor(6 * random.uniform()) }, (): Step => {
    const [p, q] = [random.uniform(), random.uniform()];
    const kind = pick([
      'conv',
      'conv',
      'depthwise',
      'residual',
      'addRelu',
      'concat',
      'gate',
      'pool',
      'pad',
      'bottleneck',
    ]);
    if (kind === 'conv') return chain(conv(channels, channels, pick([1, 3, 5])), p);
    if (kind === 'depthwise') return chain(conv(channels, channels, pick([3, 5]), 1, channels), p);
    if (kind === 'residual') return (v) => add(any(v, p), any(v, q));
    if (kind === 'addRelu') return (v) => addRelu(any(v, p), any(v, q));
    if (kind === 'pool') return (v) => maxPool2d(any(v, p), { kernelSize: 3, stride: 1, padding: 1 });
    if (kind === 'concat') {
      const squeeze = conv(2 * channels, channels, 1);
      return (v) => squeeze(concat([any(v, p), any(v, q)], 1));
    }
    if (kind === 'gate') {
      const gate = conv(channels, channels, 1);
      return (v) => mul(any(v, p), gate(pooled(any(v, p))));
    }
    if (kind === 'pad') {
      const layer = own(new Conv2d(channels, channels, 3));
      return (v) => layer.forward(pad(any(v, p), 1));
    }
    const [a, b] = [conv(channels, 5, 1), own(new Conv2d(5, channels, 3, { padding: 1 }))];
    return (v) => add(b.forward(a(any(v, p))), any(v, p));
  });
  function chain(layer: (x: Tensor) => Tensor, place: number): Step {
    return (v) => layer(any(v, place));
  }
  const stem = conv(4, channels, 3, pick([1, 2]));
  const head = own(new Linear(channels, 5));
  const model = new (class RandomModel extends Module {
    readonly layers = modules;
    forward(x: Tensor): Tensor {
      const values = [stem(x)];
      for (const step of steps) values.push(step(values));
      const last = avgPool2d(values[values.length - 1], { kernelSize: 2, stride: 1 });
      return head.forward(globalAvgPool2d(add(last, last)));
    }
  })();
  scrambleNorms(model, `norms ${seed}`);
  return model;
}

/** The mean of each channel as an image of one pixel. */
function pooled(x: Tensor): Tensor {
  const y = globalAvgPool2d(x);
  return reshape(y, [x.shape[0], x.shape[1], 1, 1]);
}
