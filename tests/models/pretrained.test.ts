import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { DataLoader } from '../../src/data/loader.js';
import { stateDictFromCheckpoint } from '../../src/io/stateDictFromCheckpoint.js';
import { readTorchCheckpoint } from '../../src/io/torchCheckpoint.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { createModel } from '../../src/models/index.js';
import { cifar10 } from '../../src/node/cifar.js';
import { evaluate } from '../../src/train/evaluate.js';

/** ResNet-20 with option A of akamaster/pytorch_resnet_cifar10, published with 91.73 % of the test images right. */
const weights = fileURLToPath(
  new URL('../../../shared/weights/resnet20-cifar10/resnet20-12fca82f.th', import.meta.url),
);
const data = fileURLToPath(new URL('../../../shared/data/cifar10', import.meta.url));
const normalize = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

it.skipIf(!existsSync(weights) || !existsSync(data))(
  'the published weights of ResNet-20 classify 9,173 of the 10,000 test images of CIFAR-10, as in PyTorch (skipped without ../shared/weights and ../shared/data)',
  async () => {
    const model = withoutInit(() => createModel('resnet20'));
    model.loadStateDict(stateDictFromCheckpoint(readTorchCheckpoint(readFileSync(weights))));
    const test = await cifar10({ split: 'test', dir: data, download: false });
    const result = await evaluate(model, new DataLoader(test, { batchSize: 128, normalize }));
    // Rounding has no say: the two largest logits of an image differ by 2e-3 at least.
    expect(Math.round(result.accuracy * 10_000)).toBe(9173);
  },
  600_000,
);
