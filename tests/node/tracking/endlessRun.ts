// Trains into the folder that it is told until it is killed.
import { DataLoader } from '../../../src/data/loader.js';
import { trackRun } from '../../../src/node/tracking/trackRun.js';
import { SGD } from '../../../src/optim/sgd.js';
import { fit } from '../../../src/train/fit.js';
import { halves, tinyNet } from '../../train/problems.js';

const model = tinyNet();
await fit(model, {
  train: new DataLoader(halves(32), { batchSize: 8 }),
  optimizer: new SGD(model.parameters(), { learningRate: 1e-6 }),
  epochs: 10_000,
  callbacks: [trackRun(process.argv[2])],
});
