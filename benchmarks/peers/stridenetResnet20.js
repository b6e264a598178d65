// ResNet-20 (option B: 1x1 convolutions as shortcuts), trained by stridenet.
import { createModel, crossEntropy, SGD, Tensor, withTape } from '../../dist/index.js';
import { answer, images, resnet20 } from './program.js';
import { chooseKernels } from './stridenet.js';

const { batch, learningRate, momentum } = resnet20;
await chooseKernels();

const net = createModel('resnet20', { shortcut: 'B' });
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
