// Do quantized ONNX files mean the same here and in onnxruntime? ResNet-20 on the 10,000 test images of CIFAR-10: our integers, written as QDQ, in
// onnxruntime; and what onnxruntime's own quantizer writes, in our integers. The second part, and onnx's checker, need a Python with onnxruntime
// and onnx. Needs ../shared (or CIFAR10_DIR and WEIGHTS).
//
//   PYTHON=python3 node --import tsx benchmarks/edge/quantizedOnnx.ts

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { exportQuantizedOnnx, importQuantizedOnnx, type QuantizedModel, quantize } from '../../src/edge/index.js';
import { createModel, DataLoader, Tensor, useKernels } from '../../src/index.js';
import { readTorchCheckpoint, stateDictFromCheckpoint } from '../../src/io/index.js';
import { cifar10 } from '../../src/node/index.js';
import { exportOnnx } from '../../src/onnx/index.js';

const shared = fileURLToPath(new URL('../../../shared/', import.meta.url));
const weights = process.env.WEIGHTS ?? `${shared}weights/resnet20-cifar10/resnet20-12fca82f.th`;
const dir = process.env.CIFAR10_DIR ?? `${shared}data/cifar10`;
const python = process.env.PYTHON ?? 'python3';
const MOST = Number(process.env.IMAGES ?? 10_000);
const shape = [1, 3, 32, 32];
const normalize = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

interface Batch {
  readonly x: Tensor;
  readonly labels: Int32Array;
}

async function load(split: 'train' | 'test', most: number): Promise<Batch[]> {
  const batches: Batch[] = [];
  const data = await cifar10({ split, dir, download: false });
  for (const { x, labels } of new DataLoader(data, { batchSize: 100, normalize })) {
    if (batches.length * 100 >= most) break;
    batches.push({ x: Tensor.from(Float32Array.from(x.data), x.shape), labels: Int32Array.from(labels) });
  }
  return batches;
}

function best(logits: Float32Array, row: number): number {
  const own = logits.subarray(10 * row, 10 * row + 10);
  return own.indexOf(Math.max(...own));
}

/** A row of the table: how often both are right, and give the same answer. */
async function compare(what: string, file: Uint8Array, model: QuantizedModel, test: readonly Batch[]): Promise<void> {
  const session = await ort.InferenceSession.create(file);
  let [images, same, theirs, ours] = [0, 0, 0, 0];
  for (const { x, labels } of test) {
    const input = new ort.Tensor('float32', Float32Array.from(x.data), x.shape);
    const [other] = Object.values(await session.run({ [session.inputNames[0]]: input }));
    const own = model.predict(x);
    for (const [i, label] of labels.entries()) {
      const [a, b] = [best(other.data as Float32Array, i), best(own.floats, i)];
      images++;
      if (a === b) same++;
      if (a === label) theirs++;
      if (b === label) ours++;
    }
    own.dispose();
  }
  const share = ((100 * same) / images).toFixed(2);
  console.log(`| ${what} | ${theirs} | ${ours} | ${share} % | ${model.floatOperations.join(', ')} |`);
}

/** onnxruntime's quantizer on a float file, calibrated on images that lie behind one another as float32. */
const quantizer = `
import sys, numpy as np
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
source, target, images, unsigned, per_channel = sys.argv[1:]
class Images(CalibrationDataReader):
    def __init__(self):
        self.left = list(np.fromfile(images, np.float32).reshape(-1, 1, 3, 32, 32))
    def get_next(self):
        return {"input": self.left.pop()} if self.left else None
quant_pre_process(source, target)
quantize_static(target, target, Images(), quant_format=QuantFormat.QDQ, per_channel=per_channel == "1",
    activation_type=QuantType.QUInt8 if unsigned == "1" else QuantType.QInt8, weight_type=QuantType.QInt8)
`;

await useKernels('simd', { threads: 1 });
const model = createModel('resnet20').eval();
model.loadStateDict(stateDictFromCheckpoint(readTorchCheckpoint(readFileSync(weights))));
const calibration = await load('train', 500);
const test = await load('test', MOST);
const folder = mkdtempSync(join(tmpdir(), 'stridenet-qdq-'));
try {
  console.log('| file | right in onnxruntime | right here | same answer | in float32 here |');
  console.log('|---|--:|--:|--:|---|');
  for (const bits of [8, 7] as const) {
    const options = { inputShape: shape, calibration, maxDrop: 1, weightBits: bits, activationBits: bits } as const;
    const quantized = await quantize(model, options);
    const file = exportQuantizedOnnx(quantized);
    const path = join(folder, `ours${bits}.onnx`);
    writeFileSync(path, file);
    const check = `import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)`;
    const { status } = spawnSync(python, ['-c', check, path]);
    const checked = status === 0 ? ', accepted by onnx.checker' : '';
    await compare(`ours, ${bits} bits${checked}`, file, quantized, test);
    await compare(`the same, read back`, file, importQuantizedOnnx(file, { inputShape: shape }), test);
  }
  const images = join(folder, 'images.bin');
  writeFileSync(images, Buffer.concat(calibration.map(({ x }) => Buffer.from(Float32Array.from(x.data).buffer))));
  const source = join(folder, 'float.onnx');
  writeFileSync(source, exportOnnx(model, shape));
  for (const [what, unsigned, perChannel] of [
    ['uint8, per tensor', '1', '0'],
    ['uint8, per channel', '1', '1'],
    ['int8, per channel', '0', '1'],
  ]) {
    const target = join(folder, 'theirs.onnx');
    const { status, stderr } = spawnSync(python, ['-c', quantizer, source, target, images, unsigned, perChannel]);
    if (status !== 0) {
      console.log(`\n${python} can't quantize: ${String(stderr).trim().split('\n').at(-1)}`);
      break;
    }
    const file = readFileSync(target);
    await compare(`onnxruntime’s, ${what}`, file, importQuantizedOnnx(file, { inputShape: shape }), test);
  }
} finally {
  rmSync(folder, { recursive: true });
}
