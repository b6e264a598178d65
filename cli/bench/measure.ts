import { availableParallelism, cpus, loadavg } from 'node:os';
import {
  conv2d,
  createModel,
  crossEntropy,
  kernelInfo,
  type Module,
  manualSeed,
  matmul,
  SGD,
  summary,
  Tensor,
  useKernels,
  withTape,
} from '../../src/index.js';
import type { Flag } from '../flags.js';
import { formatTable } from '../formatTable.js';
import { designedShape } from '../models.js';
import type { Terminal } from '../terminal.js';
import { tiny } from '../tiny.js';

export interface BenchSettings {
  models: string;
  kernels: 'simd' | 'plain' | 'reference';
  threads: number;
  seconds: number;
  json?: boolean | undefined;
}

/** The flags of `stridenet bench`. */
export const FLAGS: readonly Flag<keyof BenchSettings>[] = [
  {
    name: 'models',
    value: 'NAMES',
    help: 'networks that classify one image, separated by commas',
    default: tiny ? 'cifar_net' : 'mobilenet_v2,resnet18',
  },
  {
    name: 'kernels',
    value: 'TABLE',
    help: 'the table of kernels',
    oneOf: ['simd', 'plain', 'reference'],
    default: kernelInfo().table === 'simd' ? 'simd' : 'plain',
  },
  {
    name: 'threads',
    value: 'N',
    help: 'threads of the simd kernels',
    range: [1, 256],
    default: availableParallelism(),
  },
  { name: 'seconds', value: 'X', help: 'time for each line', range: [0.01, 600], real: true, default: tiny ? 0.01 : 1 },
  { name: 'json', help: 'print the numbers as JSON' },
];

/** One line of the table. */
interface Measurement {
  what: string;
  milliseconds: number;
  runs: number;
  gflops?: number | undefined;
  imagesPerSecond?: number | undefined;
}

/** Measures and prints a table. */
export async function bench(settings: BenchSettings, terminal: Terminal): Promise<void> {
  const names = settings.models.split(',').filter((name) => name !== '');
  const shapes = names.map(designedShape);
  const load = loadavg()[0].toFixed(2);
  await useKernels(settings.kernels, { threads: settings.threads });
  manualSeed(0);
  const time = (what: string, run: () => void, work: { flops?: number; images?: number }): Measurement =>
    measured(what, run, settings.seconds, work);
  const rows = [
    gemm(time),
    convolution(time),
    trainingStep(time),
    ...names.map((name, i) => inference(name, shapes[i], time)),
  ];
  const { table, threads, relaxedSimd } = kernelInfo();
  const machine = { node: process.version, processor: cpus()[0]?.model ?? 'unknown', loadAverage: Number(load) };
  if (settings.json) return terminal.json({ ...machine, kernels: { table, threads, relaxedSimd }, rows });
  terminal.print(`${machine.processor}, Node ${process.versions.node}, load average ${load}`);
  terminal.print(
    `${table} kernels on ${threads} thread${threads === 1 ? '' : 's'}${relaxedSimd ? ', fused multiply-add' : ''}\n`,
  );
  terminal.print(
    formatTable(
      ['what', 'median', 'GFLOP/s', 'images/s'],
      rows.map(({ what, milliseconds, gflops, imagesPerSecond }) => [
        what,
        `${milliseconds < 1 ? milliseconds.toFixed(3) : milliseconds.toFixed(1)} ms`,
        gflops?.toFixed(1) ?? '',
        imagesPerSecond?.toFixed(imagesPerSecond < 100 ? 1 : 0) ?? '',
      ]),
    ),
  );
}

type Time = (what: string, run: () => void, work: { flops?: number; images?: number }) => Measurement;

function gemm(time: Time): Measurement {
  const n = tiny ? 32 : 512;
  const [a, b] = [Tensor.ones([n, n]), Tensor.ones([n, n])];
  return time(`matrix product, ${n} x ${n}`, () => use(matmul(a, b)), { flops: 2 * n ** 3 });
}

function convolution(time: Time): Measurement {
  const [batch, side] = tiny ? [1, 8] : [8, 56];
  const [x, w] = [Tensor.ones([batch, 64, side, side]), Tensor.ones([64, 64, 3, 3])];
  const flops = 2 * batch * side * side * 64 * 64 * 9;
  return time(
    `3x3 convolution, 64 -> 64 at ${side}x${side}, batch ${batch}`,
    () => use(conv2d(x, w, null, { padding: 1 })),
    {
      flops,
    },
  );
}

function trainingStep(time: Time): Measurement {
  const batch = tiny ? 2 : 128;
  const model = createModel('resnet20');
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 });
  const x = Tensor.ones([batch, 3, 32, 32]);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const step = (): void =>
    withTape((tape) => {
      tape.backward(crossEntropy(model.forward(x), labels));
      optimizer.step();
      optimizer.zeroGrad();
    });
  model.train();
  return time(`ResNet-20 training step, batch ${batch}`, step, {
    images: batch,
    flops: 6 * macsOf(model, [batch, 3, 32, 32]),
  });
}

function inference(name: string, shape: readonly number[], time: Time): Measurement {
  const model: Module = createModel(name);
  const x = Tensor.ones([1, ...shape]);
  return time(`${name}, one image of ${shape.slice(1).join('x')}`, () => use(model.predict(x)), {
    images: 1,
    flops: 2 * macsOf(model, [1, ...shape]),
  });
}

function macsOf(model: Module, shape: readonly number[]): number {
  return summary(model, [...shape]).macs;
}

/** Waits for a result that may be computed when it is read, and releases it. */
function use(y: Tensor): void {
  if (y.data.length === 0) throw new Error('bench: an empty result.');
  y.dispose();
}

/** The median of runs for `seconds`, after two to warm up. */
function measured(
  what: string,
  run: () => void,
  seconds: number,
  { flops, images }: { flops?: number; images?: number },
): Measurement {
  run();
  run();
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  do {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  } while (performance.now() < end);
  const milliseconds = times.sort((a, b) => a - b)[times.length >> 1];
  return {
    what,
    milliseconds,
    runs: times.length,
    gflops: flops === undefined ? undefined : flops / milliseconds / 1e6,
    imagesPerSecond: images === undefined ? undefined : (1000 * images) / milliseconds,
  };
}
