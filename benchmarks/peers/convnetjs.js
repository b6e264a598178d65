// The CIFAR-10 demo net of ConvNetJS, trained by ConvNetJS.
import convnetjs from 'convnetjs';
import { answer, demoNet, images } from './program.js';

const { batch, learningRate, momentum } = demoNet;
const conv = (filters) => ({ type: 'conv', sx: 5, filters, stride: 1, pad: 2, activation: 'relu' });
const pool = { type: 'pool', sx: 2, stride: 2 };

const net = new convnetjs.Net();
net.makeLayers([
  { type: 'input', out_sx: 32, out_sy: 32, out_depth: 3 },
  ...[16, 20, 20].flatMap((filters) => [conv(filters), pool]),
  { type: 'softmax', num_classes: 10 },
]);
// The trainer divides the gradients by batch_size, and steps when it has seen that many images.
const trainer = new convnetjs.Trainer(net, {
  method: 'sgd',
  learning_rate: learningRate,
  momentum,
  batch_size: batch,
  l2_decay: 0,
});

const { x, labels } = images(batch);
const volumes = Array.from({ length: batch }, (_, n) => {
  const volume = new convnetjs.Vol(32, 32, 3, 0);
  for (let c = 0; c < 3; c++) {
    for (let h = 0; h < 32; h++) {
      for (let w = 0; w < 32; w++) volume.set(w, h, c, x[((n * 3 + c) * 32 + h) * 32 + w]);
    }
  }
  return volume;
});

answer(batch, () => {
  let loss = 0;
  for (let n = 0; n < batch; n++) loss += trainer.train(volumes[n], labels[n]).loss;
  return loss / batch;
});
