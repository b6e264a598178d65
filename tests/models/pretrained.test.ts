import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { DataLoader } from '../../src/data/loader.js';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.js';
import { stateDictFromCheckpoint } from '../../src/io/stateDictFromCheckpoint.js';
import { readTorchCheckpoint } from '../../src/io/torchCheckpoint.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { createModel } from '../../src/models/index.js';
import { cifar10 } from '../../src/node/cifar.js';
import { exportOnnx } from '../../src/onnx/index.js';
import { argmax } from '../../src/tensor/ops/math/argmax.js';
import { Tensor } from '../../src/tensor/tensor.js';

/** ResNet-20 with option A of akamaster/pytorch_resnet_cifar10, published with 91.73 % of the test images right. */
const weights = fileURLToPath(
  new URL('../../../shared/weights/resnet20-cifar10/resnet20-12fca82f.th', import.meta.url),
);
const data = fileURLToPath(new URL('../../../shared/data/cifar10', import.meta.url));
const normalize = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** The two largest logits of any test image differ by as much; rounding moves a logit by less than a hundredth of it. */
const SMALLEST_MARGIN = 1e-3;

it.skipIf(!existsSync(weights) || !existsSync(data))(
  'the published weights of ResNet-20, written as safetensors and read again, classify 9,173 of the 10,000 test images of CIFAR-10, as in PyTorch; onnxruntime says the same of each (skipped without ../shared/weights and ../shared/data)',
  async () => {
    const model = withoutInit(() => createModel('resnet20'));
    model.loadStateDict(stateDictFromCheckpoint(readTorchCheckpoint(readFileSync(weights))));
    const copy = withoutInit(() => createModel('resnet20'));
    copy.loadStateDict(readSafetensors(writeSafetensors(model.stateDict())));
    const session = await ort.InferenceSession.create(exportOnnx(model, [1, 3, 32, 32]), { intraOpNumThreads: 1 });
    const test = await cifar10({ split: 'test', dir: data, download: false });
    const found = { images: 0, right: 0, margin: Infinity, otherInModel: 0, otherInOnnx: 0, furthestInOnnx: 0 };
    for (const { x, labels } of new DataLoader(test, { batchSize: 100, normalize })) {
      const input = new ort.Tensor('float32', Float32Array.from(x.data), x.shape);
      // onnxruntime computes on a thread of its own meanwhile.
      const running = session.run({ input });
      const logits = copy.predict(x);
      const answers = argmax(logits);
      const others = Tensor.from((await running).output.data as Float32Array, logits.shape);
      const theirs = argmax(others);
      for (const [i, label] of labels.entries()) {
        found.images++;
        if (answers[i] === label) found.right++;
        if (theirs[i] !== answers[i]) found.otherInOnnx++;
        const [first, second] = [...logits.data.subarray(10 * i, 10 * i + 10)].sort((a, b) => b - a);
        found.margin = Math.min(found.margin, first - second);
      }
      found.furthestInOnnx = logits.data.reduce(
        (m, v, i) => Math.max(m, Math.abs(v - others.data[i])),
        found.furthestInOnnx,
      );
      // The weights are the same bits, so a tenth of the images will do.
      if (found.images % 1000 === 0) found.otherInModel += different(model.predict(x).data, logits.data);
    }
    for (const [key, { data }] of copy.stateDict()) {
      found.otherInModel += different(data, model.stateDict().get(key)?.data ?? new Float32Array());
    }
    expect(found).toMatchObject({ images: 10_000, right: 9173, otherInModel: 0, otherInOnnx: 0 });
    expect(found.margin).toBeGreaterThan(SMALLEST_MARGIN);
    expect(found.furthestInOnnx).toBeLessThan(SMALLEST_MARGIN / 2);
  },
  600_000,
);

/** How many numbers are not the same bits. */
function different(a: Float32Array, b: Float32Array): number {
  return a.reduce((count, v, i) => (Object.is(v, b[i]) ? count : count + 1), Math.abs(a.length - b.length));
}
