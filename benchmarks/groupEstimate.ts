// How well would ResNet-50 train on many machines? The compute is measured here, the network is arithmetic.
// tsx benchmarks/groupEstimate.ts [SECONDS_PER_IMAGE_AND_CORE]
import { loadavg } from 'node:os';
import { manualSeed } from '../src/base/random.js';
import { useKernels } from '../src/kernels/use.js';
import { createModel } from '../src/models/index.js';
import { crossEntropy } from '../src/tensor/ops/loss/crossEntropy.js';
import { withTape } from '../src/tensor/tape.js';
import { Tensor } from '../src/tensor/tensor.js';

const CORES = 16;
const IMAGES = 32;
const LATENCY = 50e-6;
/** What one process sends and adds per second over loopback: see benchmarks/allReduce.ts. */
const MOST_BYTES = 0.25e9;

console.log(`load average ${loadavg()[0].toFixed(2)}`);
const parameters = 25_557_032;
const seconds = Number(process.argv[2] ?? (await measure()));
const compute = (seconds * IMAGES) / CORES;
console.log(
  `${seconds.toFixed(2)} s of processor time per image; ${compute.toFixed(2)} s per step of ${IMAGES} images on ${CORES} cores`,
);
console.log('machines   1 Gbit/s          10 Gbit/s         100 Gbit/s');
for (const ranks of [8, 64, 512]) {
  const parts = Math.max(8, ranks);
  // The exchange overlaps with the backward pass, two thirds, of the last micro-batch.
  const overlap = (compute * 2) / 3 / (parts / ranks);
  const cells = [1e9, 1e10, 1e11].map((bits) => {
    const rate = Math.min((0.94 * bits) / 8, MOST_BYTES);
    const exchange = (2 * (ranks - 1) * 4 * parameters) / ranks / rate + 4 * Math.log2(ranks) * LATENCY;
    const step = compute + Math.max(0, exchange - overlap);
    return `${((100 * compute) / step).toFixed(0).padStart(3)} % (${exchange.toFixed(2)} s)`.padEnd(17);
  });
  console.log(`${String(ranks).padStart(8)}   ${cells.join(' ')}`);
}

/** Processor seconds of one image, forward and back, on one thread. */
async function measure(): Promise<number> {
  await useKernels('simd', { threads: 1 });
  manualSeed(0);
  const model = createModel('resnet50');
  model.train();
  const batch = 2;
  const x = Tensor.zeros([batch, 3, 224, 224]);
  const labels = new Int32Array(batch);
  const times = [0, 1].map(() => {
    const before = process.cpuUsage();
    withTape((tape) => tape.backward(crossEntropy(model.forward(x), labels)));
    const { user, system } = process.cpuUsage(before);
    model.zeroGrad();
    return (user + system) / 1e6 / batch;
  });
  return Math.min(...times);
}
