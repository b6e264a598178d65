// A training loop without `fit`: npx tsx examples/03-custom-training-loop.ts
import { createModel, crossEntropy, DataLoader, evaluate, SGD, synthetic, withTape } from 'stridenet';
import { tiny } from './support/tiny.js';

const epochs = tiny ? 1 : 3;
const train = synthetic({ split: 'train', length: tiny ? 200 : 4000 });
const test = synthetic({ split: 'test', length: tiny ? 100 : 1000 });
const loader = new DataLoader(train, { batchSize: 32, shuffle: true });

const model = createModel('cifar_net', { numClasses: train.classes.length });
const optimizer = new SGD(model.parameters(), { learningRate: 0.05, momentum: 0.9 });

for (let epoch = 1; epoch <= epochs; epoch++) {
  model.train();
  let total = 0;
  for (const { x, labels } of loader) {
    total += withTape((tape) => {
      const loss = crossEntropy(model.forward(x), labels);
      tape.backward(loss);
      optimizer.step();
      return loss.item();
    });
  }
  const { accuracy } = await evaluate(model, new DataLoader(test, { batchSize: 100 }));
  console.log(
    `epoch ${epoch}: loss ${(total / loader.length).toFixed(3)}, test accuracy ${(100 * accuracy).toFixed(1)} %`,
  );
}
