import { ELU } from '../layers/elu.js';
import { GELU } from '../layers/gelu.js';
import { HardSigmoid } from '../layers/hardSigmoid.js';
import { HardSwish } from '../layers/hardSwish.js';
import { LeakyReLU } from '../layers/leakyRelu.js';
import { LogSoftmax } from '../layers/logSoftmax.js';
import { Module } from '../layers/module.js';
import { ReLU } from '../layers/relu.js';
import { ReLU6 } from '../layers/relu6.js';
import { Sigmoid } from '../layers/sigmoid.js';
import { SiLU } from '../layers/silu.js';
import { Softmax } from '../layers/softmax.js';
import { Tanh } from '../layers/tanh.js';
import { exp } from '../tensor/ops/math/exp.js';
import { mul } from '../tensor/ops/math/mul.js';
import { elu } from '../tensor/ops/nn/elu.js';
import { relu6 } from '../tensor/ops/nn/relu6.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Dialect, isRecord, type LayerConfig, quote } from './config.js';
import { type Curve, curves, mapped } from './pointwise.js';

/** A function of each element that is no layer of this library. */
export class Elementwise extends Module {
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

/** Klambauer et al. 2017 (arXiv:1706.02515), equation 2. */
export function selu(x: Tensor): Tensor {
  return mul(elu(x, SELU_ALPHA), SELU_SCALE);
}

function curve(given: Curve): Module {
  return new Elementwise(given.name, (x) => mapped(x, given));
}

const table: Readonly<Record<string, (axis: number, dialect: Dialect) => Module>> = {
  relu: () => new ReLU(),
  relu6: () => new ReLU6(),
  leaky_relu: () => new LeakyReLU(0.2),
  elu: () => new ELU(),
  selu: () => new Elementwise('selu', selu),
  sigmoid: () => new Sigmoid(),
  hard_sigmoid: (_, dialect) => (dialect === 'keras3' ? new HardSigmoid() : curve(curves.hardSigmoidOfKeras2)),
  log_sigmoid: () => curve(curves.logSigmoid),
  tanh: () => new Tanh(),
  softmax: (axis) => new Softmax(axis),
  log_softmax: (axis) => new LogSoftmax(axis),
  swish: () => new SiLU(),
  silu: () => new SiLU(),
  hard_swish: () => new HardSwish(),
  hard_silu: () => new HardSwish(),
  gelu: () => new GELU(),
  gelu_new: () => new GELU({ approximate: 'tanh' }),
  softplus: () => curve(curves.softplus),
  softsign: () => curve(curves.softsign),
  mish: () => curve(curves.mish),
  exponential: () => new Elementwise('exponential', exp),
};

/** The function that a layer names in its options, or null for 'linear'. Classes lie on `axis`. */
export function activation(layer: LayerConfig, axis: number): { name: string; module: Module } | null {
  const given = nameOf(layer.options.activation ?? 'linear');
  if (typeof given !== 'string') return layer.refuse(`has activation ${quote(given)}, which must be a text`);
  // The first versions wrote some names as they are called in TypeScript.
  const known = given.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
  if (known === 'linear') return null;
  if (!Object.hasOwn(table, known)) {
    layer.refuse(`has the activation '${given}', but linear, ${Object.keys(table).join(', ')} are read`);
  }
  return { name: known, module: table[known](axis, layer.dialect) };
}

/** An activation is a name, or a record of the function or class of that name: without options of its own, the name says all. */
function nameOf(given: unknown): unknown {
  if (!isRecord(given)) return given;
  const { class_name, config, className = class_name } = given;
  if (typeof config === 'string') return config;
  const options = isRecord(config)
    ? Object.keys(config).filter((key) => key !== 'name' && key !== 'dtype' && key !== 'trainable')
    : [];
  return options.length === 0 ? className : given;
}

/** Keras's ReLU layer: x from a threshold up to a bound, and a slope below the threshold. */
export function rectifier(layer: LayerConfig): Module {
  const bound = layer.number('max_value', null);
  const slope = layer.needed('negative_slope', 0);
  const threshold = layer.needed('threshold', 0);
  if (bound !== null && bound < 0) layer.refuse(`has max_value ${bound}, which must not be negative`);
  if (threshold !== 0 || (bound !== null && (slope !== 0 || bound === 0))) {
    return new Elementwise(`relu from ${threshold} up to ${bound}`, (x) => mapped(x, relu(bound, slope, threshold)));
  }
  if (bound === 6) return new ReLU6();
  if (bound === null) return slope === 0 ? new ReLU() : new LeakyReLU(slope);
  return new Elementwise(`relu up to ${bound}`, (x) => mul(relu6(mul(x, 6 / bound)), bound / 6));
}

function relu(bound: number | null, slope: number, threshold: number): Curve {
  const high = bound ?? Number.POSITIVE_INFINITY;
  return {
    name: 'relu',
    f: (v) => (v >= threshold ? Math.min(v, high) : Math.min(slope * (v - threshold), high)),
    slope: (v) => (v >= threshold ? (v < high ? 1 : 0) : slope),
  };
}

/** x above theta, else 0. */
export function thresholded(theta: number): Module {
  const step: Curve = {
    name: 'thresholded relu',
    f: (v) => (v > theta ? v : 0),
    slope: (v) => (v > theta ? 1 : 0),
  };
  return curve(step);
}
