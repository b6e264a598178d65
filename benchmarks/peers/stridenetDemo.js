// The CIFAR-10 demo net of ConvNetJS, trained by stridenet.
import {
  Conv2d,
  crossEntropy,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  SGD,
  Tensor,
  withTape,
} from '../../dist/index.js';
import { answer, demoNet, images } from './program.js';
import { chooseKernels } from './stridenet.js';

const { batch, learningRate, momentum } = demoNet;
await chooseKernels();

const stage = (inChannels, outChannels) => [
  new Conv2d(inChannels, outChannels, 5, { padding: 2 }),
  new ReLU(),
  new MaxPool2d(2),
];
const net = new Sequential(
  ...stage(3, 16), // [N, 16, 16, 16]
  ...stage(16, 20), // [N, 20, 8, 8]
  ...stage(20, 20), // [N, 20, 4, 4]
  new Flatten(),
  new Linear(20 * 4 * 4, 10),
);
const optimizer = new SGD(net.parameters(), { learningRate, momentum });
const data = images(batch);

answer(batch, () =>
  withTape((tape) => {
    const loss = crossEntropy(net.forward(Tensor.from(data.x, [batch, 3, 32, 32])), data.labels);
    tape.backward(loss);
    optimizer.step();
    return loss.item();
  }),
);
