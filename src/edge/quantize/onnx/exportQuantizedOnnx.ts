import { ArgumentError } from '../../../base/errors.js';
import { encodeModel } from '../../../onnx/encode.js';
import { DataType } from '../../../onnx/proto.js';
import type { IntegerNetwork, IntegerNode, IntegerValue, Window } from '../integers/integerNetwork.js';
import { scaleAt } from '../integers/weights.js';
import { imageOf } from '../network/network.js';
import type { QuantizedModel } from '../quantizedModel.js';
import { QdqWriter } from './qdqWriter.js';

/** QuantizeLinear and DequantizeLinear with a scale per channel came with operator set 13; its file format is version 7. */
const [OPSET, IR_VERSION] = [13, 7];

/**
 * Writes a quantized model as an ONNX file in the QDQ form: float operations between pairs of QuantizeLinear and DequantizeLinear, which
 * onnxruntime and others run in integers. Batches may have any size.
 *
 * Answers differ from `predict` by rare roundings, since other programs round in other places.
 *
 * Throws `ArgumentError` for an operation in float32 that has no ONNX form here.
 *
 * @example
 * await writeFile('model.qdq.onnx', exportQuantizedOnnx(quantized));
 */
export function exportQuantizedOnnx(model: QuantizedModel): Uint8Array {
  const { network } = model;
  const w = new QdqWriter();
  /** The numbers of each value, by its id. */
  const numbers = new Map<number, string>([[network.input, 'input']]);
  for (const node of network.nodes)
    numbers.set(
      node.y,
      writeNode(w, network, node, (value) => numbers.get(value) as string),
    );
  w.nodes.push({
    ...{ name: 'output', opType: 'Identity', domain: '', attributes: new Map() },
    ...{ inputs: [numbers.get(network.output) as string], outputs: ['output'] },
  });
  const info = (name: string, value: number) => {
    const { shape } = network.values[value] as IntegerValue;
    return { name, elementType: DataType.FLOAT, shape: ['batch', ...shape.slice(1)] };
  };
  return encodeModel({
    irVersion: IR_VERSION,
    producerName: 'stridenet',
    producerVersion: '',
    opset: OPSET,
    graph: {
      name: network.model,
      nodes: w.nodes,
      initializers: w.initializers,
      inputs: [info('input', network.input)],
      outputs: [info('output', network.output)],
    },
  });
}

/** Writes a node and returns the name of its output, as numbers. */
function writeNode(w: QdqWriter, network: IntegerNetwork, node: IntegerNode, of: (value: number) => string): string {
  const [x = '', other = ''] = node.x.map(of);
  const y = network.values[node.y] as IntegerValue;
  /** Through bytes, where the value has them. */
  const rounded = (name: string): string =>
    y.bytes === undefined ? name : w.dequantized(w.quantized(name, y.bytes), y.bytes);
  switch (node.op) {
    case 'quantize':
      return rounded(x);
    case 'dequantize':
      return x;
    case 'view':
      return w.reshape(x, [-1, ...y.shape.slice(1)]);
    case 'constant':
      return y.bytes === undefined
        ? x
        : expanded(w, network, node, w.dequantized(w.constant(node.data, y.shape), y.bytes));
    case 'conv':
    case 'floatConv':
      return rounded(convolution(w, network, node, x, node.x.length > 1 ? other : null));
    case 'add': {
      const sum = w.add('Add', [x, other]);
      return rounded(node.relu ? w.add('Relu', [sum]) : sum);
    }
    case 'scale':
      return rounded(w.add('Mul', [x, other]));
    case 'concat':
      return rounded(w.add('Concat', node.x.map(of), { axis: 1 }));
    case 'maxPool':
    case 'avgPool':
      return rounded(pool(w, network, node, x));
    case 'lookup':
      return lookup(w, network, node, x);
    case 'float':
      return floatOperation(w, network, node, x);
  }
}

type Conv = Extract<IntegerNode, { op: 'conv' | 'floatConv' }>;

function convolution(w: QdqWriter, network: IntegerNetwork, node: Conv, x: string, residual: string | null): string {
  const [from, to] = [network.values[node.x[0] as number], network.values[node.y]] as [IntegerValue, IntegerValue];
  const [input, output] = [from.shape, to.shape].map((shape) => imageOf(shape)) as [
    NonNullable<ReturnType<typeof imageOf>>,
    NonNullable<ReturnType<typeof imageOf>>,
  ];
  const { kernel, groups } = node.window;
  const shape = [output.channels, input.channels / groups, ...kernel];
  const image = from.shape.length === 4 ? x : w.reshape(x, [-1, input.channels, 1, 1]);
  const [weight, bias] =
    node.op === 'conv'
      ? integerWeights(w, node, shape, from)
      : [w.constant(node.weight, shape), w.constant(node.bias, [output.channels])];
  const sum = w.add('Conv', [image, weight as string, bias as string], convAttributes(node.window, input, output));
  const shaped = to.shape.length === 4 ? sum : w.reshape(sum, [-1, output.channels]);
  const added = residual === null ? shaped : w.add('Add', [shaped, residual]);
  if (node.activation === 'relu') return w.add('Relu', [added]);
  if (node.activation === 'none') return added;
  return w.add('Clip', [added, w.constant(Float32Array.of(0), []), w.constant(Float32Array.of(6), [])]);
}

function integerWeights(
  w: QdqWriter,
  node: Extract<Conv, { op: 'conv' }>,
  shape: readonly number[],
  from: IntegerValue,
): [string, string] {
  const outputs = shape[0] as number;
  const scales = Float32Array.from({ length: outputs }, (_, o) => scaleAt(node.scales, o));
  const zeros = w.constant(new Int8Array(outputs), [outputs]);
  const weight = w.add('DequantizeLinear', [w.constant(node.weight, shape), w.constant(scales, [outputs]), zeros], {
    axis: 0,
  });
  const units = scales.map((scale) => scale * (from.bytes?.scale ?? 1));
  const bias = w.add(
    'DequantizeLinear',
    [w.constant(node.bias, [outputs]), w.constant(units, [outputs]), w.constant(new Int32Array(outputs), [outputs])],
    { axis: 0 },
  );
  return [weight, bias];
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** Pads of all sides: those behind the image follow from the sizes. */
function padsOf(
  kernel: readonly number[],
  stride: readonly number[],
  pad: readonly number[],
  dilation: readonly number[],
  x: Size,
  y: Size,
): number[] {
  const behind = (axis: 0 | 1, n: number, outputs: number): number =>
    (outputs - 1) * (stride[axis] as number) +
    (dilation[axis] as number) * ((kernel[axis] as number) - 1) +
    1 -
    n -
    (pad[axis] as number);
  return [
    pad[0] as number,
    pad[1] as number,
    Math.max(0, behind(0, x.height, y.height)),
    Math.max(0, behind(1, x.width, y.width)),
  ];
}

function convAttributes({ kernel, stride, pad, dilation, groups }: Window, x: Size, y: Size) {
  return {
    kernel_shape: kernel,
    strides: stride,
    dilations: dilation,
    group: groups,
    pads: padsOf(kernel, stride, pad, dilation, x, y),
  };
}

function pool(
  w: QdqWriter,
  network: IntegerNetwork,
  node: Extract<IntegerNode, { op: 'maxPool' | 'avgPool' }>,
  x: string,
): string {
  const [from, to] = [node.x[0] as number, node.y].map((value) => network.values[value]?.shape ?? []) as [
    number[],
    number[],
  ];
  const [input, output] = [imageOf(from), imageOf(to)] as [Size, Size];
  const type = node.op === 'maxPool' ? 'MaxPool' : 'AveragePool';
  let result: string;
  if (node.window === null) {
    const [height, width] = [input.height / output.height, input.width / output.width];
    if (!Number.isInteger(height) || !Number.isInteger(width)) {
      throw new ArgumentError(
        `exportQuantizedOnnx: ${node.name} averages windows of different sizes, from ${input.height}x${input.width} to ${output.height}x${output.width}. ONNX has none; choose an input size that the output divides.`,
      );
    }
    result = w.add(type, [x], { kernel_shape: [height, width], strides: [height, width] });
  } else {
    const { kernel, stride, pad } = node.window;
    const pads = padsOf(kernel, stride, pad, [1, 1], input, output);
    const counts: Record<string, number> =
      node.op === 'avgPool' ? { count_include_pad: node.countIncludePad ? 1 : 0 } : {};
    result = w.add(type, [x], { kernel_shape: kernel, strides: stride, pads, ...counts });
  }
  return to.length === 4 ? result : w.reshape(result, [-1, ...to.slice(1)]);
}

/** A table: bytes as places in it. */
function lookup(
  w: QdqWriter,
  network: IntegerNetwork,
  node: Extract<IntegerNode, { op: 'lookup' }>,
  x: string,
): string {
  const [from, to] = [network.values[node.x[0] as number], network.values[node.y]] as [IntegerValue, IntegerValue];
  if (from.bytes === undefined || to.bytes === undefined) return x;
  const ordered = Int8Array.from({ length: 256 }, (_, i) => node.table[(i + 128) & 255] as number);
  const whole = w.add('Cast', [w.quantized(x, from.bytes)], { to: DataType.INT32 });
  const place = w.add('Add', [whole, w.constant(Int32Array.of(128), [])]);
  return w.dequantized(w.add('Gather', [w.constant(ordered, [256]), place]), to.bytes);
}

function floatOperation(
  w: QdqWriter,
  network: IntegerNetwork,
  node: Extract<IntegerNode, { op: 'float' }>,
  x: string,
): string {
  const { shape } = network.values[node.y] as IntegerValue;
  const simple: Readonly<Record<string, string>> = {
    relu: 'Relu',
    sigmoid: 'Sigmoid',
    tanh: 'Tanh',
    exp: 'Exp',
    abs: 'Abs',
  };
  if (node.source in simple) return w.add(simple[node.source] as string, [x]);
  const [factor, ...others] = [...node.weights.values()];
  if (/^(add|mul)$/.test(node.source) && node.x.length === 1 && factor !== undefined && others.length === 0) {
    return w.add(node.source === 'add' ? 'Add' : 'Mul', [x, w.constant(factor.data, factor.shape)]);
  }
  const pixels = (imageOf(shape)?.height ?? 0) * (imageOf(shape)?.width ?? 0);
  if (/^(adaptive|global)?(A|a)vgPool2d$/.test(node.source) && pixels === 1) {
    const mean = w.add('GlobalAveragePool', [x]);
    return shape.length === 4 ? mean : w.reshape(mean, [-1, ...shape.slice(1)]);
  }
  if (/^(reshape|flatten|squeeze|view)$/.test(node.source)) return w.reshape(x, [-1, ...shape.slice(1)]);
  if (node.source === 'softmax' && shape.length === 2) return w.add('Softmax', [x], { axis: 1 });
  throw new ArgumentError(
    `exportQuantizedOnnx: ${node.source} in ${node.name || network.model} stays in float32 and has no ONNX form here. Export the float model with exportOnnx, or leave the operation out of the model.`,
  );
}

/** A constant for each image of the batch. */
function expanded(w: QdqWriter, network: IntegerNetwork, node: IntegerNode, name: string): string {
  const { shape } = network.values[node.y] as IntegerValue;
  const batch = w.add('Slice', [w.add('Shape', ['input']), w.constant([0], [1]), w.constant([1], [1])]);
  const target = w.add('Concat', [batch, w.constant(shape.slice(1), [shape.length - 1])], { axis: 0 });
  return w.add('Expand', [name, target]);
}
