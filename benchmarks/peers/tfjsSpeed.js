// The inference jobs of speed.js by @tensorflow/tfjs-backend-wasm. The graphs come from stridenet's `capture`; batch norms and activations are
// folded into convolutions as TensorFlow.js's converter does it.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { answerFirst, question, takeTurns } from './turns.js';

const FUSED = { relu: 'relu', relu6: 'relu6', sigmoid: 'sigmoid' };

async function prepare(name) {
  const tf = await import('@tensorflow/tfjs-core');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const { createModel } = await import('../../dist/index.js');
  const { capture } = await import('../../dist/graph.js');
  wasm.setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
  await tf.ready();
  const model = createModel(name).eval();
  const run = translate(tf, capture(model, [1, 3, 224, 224]), model.stateDict());
  const image = tf.tensor4d(
    Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => Math.sin(i)),
    [1, 224, 224, 3],
  );
  return async () => {
    const y = tf.tidy(() => run(image));
    const values = await y.data();
    y.dispose();
    return values;
  };
}

/** The graph as a list of calls; images in TensorFlow's order, [N, H, W, C]. */
function translate(tf, graph, weights) {
  const numbers = (id) => weights.get(graph.values[id].name).data;
  const uses = new Map();
  for (const id of [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs])
    uses.set(id, (uses.get(id) ?? 0) + 1);
  const steps = [];
  let at = 0;
  /** The next node if it is the only one that reads `value` and one of these. */
  const follows = (value, ops) => {
    const next = graph.nodes[at];
    return uses.get(value) === 1 && next?.inputs[0] === value && ops.includes(next.op) ? next : undefined;
  };
  while (at < graph.nodes.length) {
    const node = graph.nodes[at++];
    let [y] = node.outputs;
    const [x, w, b] = node.inputs;
    if (node.op !== 'conv2d' && node.op !== 'linear') {
      steps.push([y, node.inputs, operation(tf, graph, node)]);
      continue;
    }
    const [O, I, R, S] = [...graph.shapeOf(w), 1, 1];
    const scale = new Float32Array(O).fill(1);
    const shift = b === undefined ? new Float32Array(O) : Float32Array.from(numbers(b));
    const norm = follows(y, ['batchNorm2d']);
    if (norm !== undefined) {
      const { weight, bias, mean, variance } = Object.fromEntries(
        Object.entries(norm.roles).map(([role, id]) => [role, numbers(id)]),
      );
      for (let o = 0; o < O; o++) {
        scale[o] = weight[o] / Math.sqrt(variance[o] + norm.attributes.eps);
        shift[o] = bias[o] + (shift[o] - mean[o]) * scale[o];
      }
      [y] = norm.outputs;
      at++;
    }
    let activation = norm?.attributes.relu ? 'relu' : undefined;
    const last = activation === undefined ? follows(y, Object.keys(FUSED)) : undefined;
    if (last !== undefined) {
      activation = FUSED[last.op];
      [y] = last.outputs;
      at++;
    }
    const own = numbers(w).map((v, i) => v * scale[Math.floor(i / (I * R * S))]);
    const bias = tf.tensor1d(shift);
    if (node.op === 'linear') {
      const matrix = tf.transpose(tf.tensor2d(own, [O, I]));
      steps.push([y, [x], (a) => tf.fused.matMul({ a, b: matrix, bias, activation })]);
      continue;
    }
    const g = node.attributes;
    const isDepthwise = g.groups > 1;
    const filter = tf.transpose(tf.tensor4d(own, [O, I, R, S]), isDepthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]);
    const convolve = isDepthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
    const strides = [g.strideHeight, g.strideWidth];
    const pad = padding(g);
    steps.push([y, [x], (a) => convolve({ x: a, filter, strides, pad, bias, activation })]);
  }
  const lastUse = new Map(steps.flatMap(([, inputs], i) => inputs.map((id) => [id, i])));
  return (image) => {
    const values = new Map([[graph.inputs[0], image]]);
    for (const [i, [y, inputs, run]] of steps.entries()) {
      values.set(y, run(...inputs.map((id) => values.get(id))));
      for (const id of inputs) if (lastUse.get(id) === i && !graph.inputs.includes(id)) values.get(id)?.dispose();
    }
    return values.get(graph.outputs[0]);
  };
}

/** What TensorFlow calls padding: how many pixels stand around the image that windows reach. */
function padding(g) {
  const behind = (out, stride, kernel, before, size) => Math.max(0, (out - 1) * stride + kernel - before - size);
  const bottom = behind(g.outHeight, g.strideHeight, g.kernelHeight, g.padTop, g.inHeight);
  const right = behind(g.outWidth, g.strideWidth, g.kernelWidth, g.padLeft, g.inWidth);
  return [
    [0, 0],
    [g.padTop, bottom],
    [g.padLeft, right],
    [0, 0],
  ];
}

function operation(tf, graph, { op, attributes: g, inputs, roles }) {
  const window = [g.kernelHeight, g.kernelWidth];
  const stride = [g.strideHeight, g.strideWidth];
  switch (op) {
    case 'relu':
      return tf.relu;
    case 'relu6':
      return tf.relu6;
    case 'sigmoid':
      return tf.sigmoid;
    case 'silu':
      return (x) => tf.mul(x, tf.sigmoid(x));
    case 'hardSigmoid':
      return (x) => tf.div(tf.relu6(tf.add(x, 3)), 6);
    case 'hardSwish':
      return (x) => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6));
    case 'add':
      return tf.add;
    case 'addRelu':
      return (a, b) => tf.relu(tf.add(a, b));
    case 'mul':
      return tf.mul;
    case 'concat':
      return (...parts) => tf.concat(parts, -1);
    case 'flatten':
      // Only what has one pixel, or vgg16's 7x7, whose order of numbers does not matter to the time.
      return (x) => tf.reshape(x, [1, -1]);
    case 'globalAvgPool2d':
      return (x) => tf.mean(x, [1, 2]);
    case 'adaptiveAvgPool2d':
      return g.outHeight === 1 ? (x) => tf.mean(x, [1, 2], true) : (x) => tf.clone(x);
    case 'maxPool2d':
      return (x) => tf.maxPool(x, window, stride, padding(g));
    case 'avgPool2d':
      return (x) => tf.avgPool(x, window, stride, padding(g));
    case 'batchNorm2d': {
      const [, C] = graph.shapeOf(inputs[0]);
      const ones = tf.ones([C]);
      const norm = (x) => tf.batchNorm(x, ones, ones, ones, ones, g.eps);
      return roles.mean === undefined ? norm : g.relu ? (x) => tf.relu(norm(x)) : norm;
    }
    default:
      throw new Error(`tfjsSpeed: ${op} is missing here.`);
  }
}

await (question === 'start' ? answerFirst : takeTurns)(prepare);
