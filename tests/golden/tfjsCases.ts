import { sizeOf } from '../../src/base/shape.js';
import { formula } from './formula.js';

/** A weight as the manifest of a model.json lists it. */
export interface Spec {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: { dtype: 'uint8' | 'uint16' | 'float16'; scale?: number; min?: number };
}

/** A line of tfjs.json: a model, and what TensorFlow.js says of the image `formula(shape, 7, -1, 1)`. */
export interface Golden {
  /** Null for MobileNet, whose topology `mobileNet` makes. */
  topology: object | null;
  weights: Spec[];
  /** [N, H, W, C] */
  input: number[];
  outputShape: number[];
  output: number[];
}

/** The bytes of each weight, seeded by its place: the same for TensorFlow.js and for the import. */
export function weightBytes(specs: readonly Spec[]): Uint8Array[] {
  return specs.map(({ name, shape, quantization }, place) => {
    const kind = name.slice(name.lastIndexOf('/') + 1);
    const [low, high] = range(kind, shape);
    const values = formula(shape, place, low, high);
    if (quantization === undefined) return new Uint8Array(values.buffer);
    if (quantization.dtype === 'float16') return new Uint8Array(Uint16Array.from(values, half).buffer);
    const { scale = 1, min = 0 } = quantization;
    const whole = Array.from(values, (v) => Math.round((v - min) / scale));
    return quantization.dtype === 'uint8' ? Uint8Array.from(whole) : new Uint8Array(Uint16Array.from(whole).buffer);
  });
}

/** Between which numbers a weight lies: kernels within sqrt(6 / fan in), scales and variances around 1, the rest within 0.1. */
export function range(kind: string, shape: readonly number[]): [number, number] {
  if (kind === 'gamma' || kind === 'moving_variance') return [0.5, 1.5];
  if (!kind.endsWith('kernel')) return [-0.1, 0.1];
  const fanIn = kind === 'depthwise_kernel' ? shape[0] * shape[1] : sizeOf(shape) / shape[shape.length - 1];
  return [-Math.sqrt(6 / fanIn), Math.sqrt(6 / fanIn)];
}

/** The nearest half-precision number towards zero, as its bits; `v` within 2^-14 and 2. */
function half(v: number): number {
  const [bits] = new Uint32Array(Float32Array.of(v).buffer);
  const exponent = ((bits >> 23) & 255) - 112;
  return exponent <= 0 ? 0 : ((bits >> 16) & 0x8000) | (exponent << 10) | ((bits >> 13) & 0x3ff);
}

/** One array of all pieces. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(pieces));
}

interface KerasLayer {
  class_name: string;
  name: string;
  config: Record<string, unknown>;
  inbound_nodes: unknown[];
}

/** MobileNet v1 as Keras 2 describes it and the converter keeps it: depthwise separable blocks, relu6, a head of 1x1 convolutions. */
export function mobileNet(size: number, alpha: number, classes: number): object {
  const layers: KerasLayer[] = [];
  const add = (class_name: string, name: string, config: object): void => {
    const before = layers.at(-1)?.name;
    const inbound_nodes = before === undefined ? [] : [[[before, 0, 0, {}]]];
    layers.push({ class_name, name, config: { name, trainable: true, ...config }, inbound_nodes });
  };
  const norm = (name: string): void => {
    const each = { gamma_initializer: { class_name: 'Ones', config: {} }, beta_constraint: null };
    add('BatchNormalization', `${name}_bn`, {
      axis: [3],
      momentum: 0.99,
      epsilon: 0.001,
      center: true,
      scale: true,
      ...each,
    });
    add('ReLU', `${name}_relu`, { max_value: 6.0, negative_slope: 0.0, threshold: 0.0 });
  };
  const conv = { data_format: 'channels_last', dilation_rate: [1, 1], activation: 'linear', bias_regularizer: null };
  const width = (n: number): number => Math.trunc(n * alpha);
  add('InputLayer', 'input_1', { batch_input_shape: [null, size, size, 3], dtype: 'float32', sparse: false });
  add('ZeroPadding2D', 'conv1_pad', {
    padding: [
      [0, 1],
      [0, 1],
    ],
    data_format: 'channels_last',
  });
  add('Conv2D', 'conv1', {
    ...conv,
    filters: width(32),
    kernel_size: [3, 3],
    strides: [2, 2],
    padding: 'valid',
    use_bias: false,
  });
  norm('conv1');
  const blocks: [number, number][] = [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
  ];
  for (let i = 0; i < 5; i++) blocks.push([512, 1]);
  blocks.push([1024, 2], [1024, 1]);
  for (const [i, [filters, stride]] of blocks.entries()) {
    if (stride === 2)
      add('ZeroPadding2D', `conv_pad_${i + 1}`, {
        padding: [
          [0, 1],
          [0, 1],
        ],
        data_format: 'channels_last',
      });
    const spatial = { ...conv, kernel_size: [3, 3], strides: [stride, stride], depth_multiplier: 1, use_bias: false };
    add('DepthwiseConv2D', `conv_dw_${i + 1}`, { ...spatial, padding: stride === 2 ? 'valid' : 'same' });
    norm(`conv_dw_${i + 1}`);
    add('Conv2D', `conv_pw_${i + 1}`, {
      ...conv,
      filters: width(filters),
      kernel_size: [1, 1],
      strides: [1, 1],
      padding: 'same',
      use_bias: false,
    });
    norm(`conv_pw_${i + 1}`);
  }
  add('GlobalAveragePooling2D', 'global_average_pooling2d_1', { data_format: 'channels_last' });
  add('Reshape', 'reshape_1', { target_shape: [1, 1, width(1024)] });
  add('Dropout', 'dropout', { rate: 0.001, noise_shape: null, seed: null });
  add('Conv2D', 'conv_preds', {
    ...conv,
    filters: classes,
    kernel_size: [1, 1],
    strides: [1, 1],
    padding: 'same',
    use_bias: true,
  });
  add('Activation', 'act_softmax', { activation: 'softmax' });
  add('Reshape', 'reshape_2', { target_shape: [classes] });
  const ends = { input_layers: [['input_1', 0, 0]], output_layers: [['reshape_2', 0, 0]] };
  const config = { name: `mobilenet_${alpha}_${size}`, layers, ...ends };
  return { keras_version: '2.1.6', backend: 'tensorflow', model_config: { class_name: 'Model', config } };
}

/** The size and width of the MobileNet in tfjs.json. */
export const mobileNetCase = [64, 0.25, 10] as const;
