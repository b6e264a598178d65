// 8-bit integers: npx tsx examples/20-quantize.ts
//
// A network learns ten kinds of synthetic images. Then it computes in integers: what that costs, in one file, and as ONNX for other programs.

import {
  createModel,
  DataLoader,
  evaluate,
  fit,
  manualSeed,
  measureMeanStd,
  oneCycleSchedule,
  SGD,
  synthetic,
} from 'stridenet';
import { exportQuantizedOnnx, QuantizedModel, quantizationAware, quantize } from 'stridenet/edge';
import { tiny } from './support/tiny.js';

const size = tiny ? { train: 100, test: 50, epochs: 1 } : { train: 4000, test: 1000, epochs: 4 };
const inputShape = [1, 3, 32, 32];
const images = synthetic({ split: 'train', length: size.train });
const normalize = measureMeanStd(images);
const validation = new DataLoader(synthetic({ split: 'test', length: size.test }), { batchSize: 100, normalize });
const train = new DataLoader(images, { batchSize: 32, shuffle: true, normalize });

manualSeed(1);
const model = createModel('resnet8');
const optimizer = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4 });
const schedule = oneCycleSchedule(0.1, { steps: size.epochs * train.length });
await fit(model, { train, optimizer, schedule, epochs: size.epochs });
model.eval();

// (1) Ranges are found on 100 training images, and accuracy is measured on the test images.
const calibration = new DataLoader(synthetic({ split: 'train', length: 100 }), { batchSize: 50, normalize });
const quantized = await quantize(model, { inputShape, calibration, validation, maxDrop: 0.02 });
console.log(String(quantized.report));

// (2) One file holds everything; it needs no float model.
const file = quantized.save();
const again = QuantizedModel.load(file);
console.log(
  `\n${(file.length / 1000).toFixed(1)} kB, read back: ${(100 * (await evaluate(again, validation)).accuracy).toFixed(1)} %`,
);

// (3) For onnxruntime and others.
console.log(`as ONNX: ${(exportQuantizedOnnx(quantized).length / 1000).toFixed(1)} kB`);

// (4) 7 bits are faster. A short training that rounds as integers do gets used to them.
const aware = quantizationAware(model, { weightBits: 7, activationBits: 7 });
const slow = new SGD(model.parameters(), { learningRate: 0.005, momentum: 0.9 });
await fit(model, { train, optimizer: slow, epochs: 1 });
aware.remove();
model.eval();
const narrow = await quantize(model, {
  inputShape,
  calibration,
  validation,
  weightBits: 7,
  activationBits: 7,
  maxDrop: 0.02,
});
console.log(`7 bits after training for them: ${(100 * (narrow.report?.numbers.top1?.after ?? 0)).toFixed(1)} %`);
