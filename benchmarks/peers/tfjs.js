// ResNet-20 (option B: 1x1 convolutions as shortcuts), trained by the cpu backend of TensorFlow.js.
import * as tf from '@tensorflow/tfjs';
import { answer, images, resnet20 } from './program.js';

const { batch, learningRate, momentum } = resnet20;
await tf.setBackend('cpu');

const conv = (x, filters, kernelSize, strides) =>
  tf.layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false }).apply(x);
const norm = (x) => tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }).apply(x);
const relu = (x) => tf.layers.reLU().apply(x);

function block(x, filters, strides) {
  const inner = relu(norm(conv(x, filters, 3, strides)));
  const outer = norm(conv(inner, filters, 3, 1));
  const shortcut = strides === 1 && x.shape[3] === filters ? x : norm(conv(x, filters, 1, strides));
  return relu(tf.layers.add().apply([outer, shortcut]));
}

const input = tf.input({ shape: [32, 32, 3] });
let x = relu(norm(conv(input, 16, 3, 1)));
for (const [filters, strides] of [
  [16, 1],
  [32, 2],
  [64, 2],
]) {
  for (let i = 0; i < 3; i++) x = block(x, filters, i === 0 ? strides : 1);
}
const logits = tf.layers.dense({ units: 10 }).apply(tf.layers.globalAveragePooling2d({}).apply(x));
const model = tf.model({ inputs: input, outputs: logits });
model.compile({
  optimizer: tf.train.momentum(learningRate, momentum),
  loss: (labels, y) => tf.losses.softmaxCrossEntropy(labels, y),
});

const data = images(batch);
const xs = tf.tensor4d(data.x, [batch, 3, 32, 32]).transpose([0, 2, 3, 1]);
const ys = tf.oneHot(tf.tensor1d(data.labels, 'int32'), 10).toFloat();

answer(batch, () => model.trainOnBatch(xs, ys));
