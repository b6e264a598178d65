import { ELU } from '../layers/elu.js';
import { GELU } from '../layers/gelu.js';
import { LeakyReLU } from '../layers/leakyRelu.js';
import { LogSoftmax } from '../layers/logSoftmax.js';
import { Module } from '../layers/module.js';
import { ReLU } from '../layers/relu.js';
import { ReLU6 } from '../layers/relu6.js';
import { Sigmoid } from '../layers/sigmoid.js';
import { SiLU } from '../layers/silu.js';
import { Softmax } from '../layers/softmax.js';
import { Tanh } from '../layers/tanh.js';
import { elu } from '../tensor/ops/elu.js';
import { hardSigmoid } from '../tensor/ops/hardSigmoid.js';
import { mul } from '../tensor/ops/mul.js';
import { relu6 } from '../tensor/ops/relu6.js';
import type { Tensor } from '../tensor/tensor.js';
import type { LayerConfig } from './config.js';

/** A function of each element that is no layer of this library. */
class Elementwise extends Module {
  constructor(
    readonly title: string,
    readonly compute: (x: Tensor) => Tensor,
  ) {
    super();
  }

  forward(x: Tensor): Tensor {
    return this.compute(x);
  }

  protected override describe(): string {
    return this.title;
  }
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

const table: Readonly<Record<string, (axis: number) => Module>> = {
  relu: () => new ReLU(),
  relu6: () => new ReLU6(),
  elu: () => new ELU(),
  selu: () => new Elementwise('selu', (x) => mul(elu(x, SELU_ALPHA), SELU_SCALE)),
  sigmoid: () => new Sigmoid(),
  // Keras's has a slope of 1/5, PyTorch's of 1/6.
  hard_sigmoid: () => new Elementwise('hard_sigmoid', (x) => hardSigmoid(mul(x, 1.2))),
  tanh: () => new Tanh(),
  softmax: (axis) => new Softmax(axis),
  log_softmax: (axis) => new LogSoftmax(axis),
  swish: () => new SiLU(),
  silu: () => new SiLU(),
  gelu: () => new GELU(),
  gelu_new: () => new GELU({ approximate: 'tanh' }),
};

/** The function that a layer names in its options, or null for 'linear'. Classes lie on `axis`. */
export function activation(layer: LayerConfig, axis: number): { name: string; module: Module } | null {
  const given = layer.options.activation;
  const name = given == null ? 'linear' : layer.text('activation', '');
  if (name === 'linear') return null;
  // The first versions wrote some names as they are called in TypeScript.
  const known = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (!Object.hasOwn(table, known)) {
    layer.refuse(`has the activation '${name}', but linear, ${Object.keys(table).join(', ')} are read`);
  }
  return { name: known, module: table[known](axis) };
}

/** Keras's ReLU layer: its bound or its slope. */
export function rectifier(layer: LayerConfig): Module {
  const bound = layer.number('max_value', null);
  const slope = layer.needed('negative_slope', 0);
  const threshold = layer.needed('threshold', 0);
  if (threshold !== 0 || (bound !== null && (slope !== 0 || bound <= 0))) {
    layer.refuse(
      `has max_value ${bound}, negative_slope ${slope} and threshold ${threshold}; either max_value > 0 or negative_slope is read, without threshold`,
    );
  }
  if (bound === 6) return new ReLU6();
  if (bound === null) return slope === 0 ? new ReLU() : new LeakyReLU(slope);
  return new Elementwise(`relu up to ${bound}`, (x) => mul(relu6(mul(x, 6 / bound)), bound / 6));
}
