import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createModel, crossEntropy, memoryInfo, SGD, Tensor, useKernels, withTape } from '../src/index.js';
import { resetPeak } from '../src/tensor/index.js';
import { printColumns, printHeader } from './support.js';

/*
 * Training ResNet-20 (option B shortcuts) at batch 128: images per second on one and on two threads, what the second thread brings (the
 * bar is 1.8), and the memory. A process for each number of threads; they take turns, and the one that waits is idle.
 *
 * npm run bench -- resnet20
 */
const BATCH = 128;
const STEPS = 4;
const ROUNDS = 5;

interface Turn {
  seconds: number;
  cpuSeconds: number;
  peakHeap: number;
  peakResident: number;
}

/** The child's side: trains STEPS steps whenever it is told to. */
async function train(threads: number): Promise<void> {
  await useKernels('simd', { threads });
  const model = createModel('resnet20', { shortcut: 'B' });
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 });
  const pixels = Float32Array.from({ length: BATCH * 3 * 32 * 32 }, (_, i) => Math.sin(i));
  const labels = Int32Array.from({ length: BATCH }, (_, i) => i % 10);
  const step = (): number =>
    withTape((tape) => {
      const loss = crossEntropy(model.forward(Tensor.from(pixels, [BATCH, 3, 32, 32])), labels);
      tape.backward(loss);
      optimizer.step();
      return loss.item();
    });
  for (let i = 0; i < 2; i++) step();
  resetPeak();
  process.on('message', () => {
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (let i = 0; i < STEPS; i++) step();
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const turn: Turn = {
      seconds,
      cpuSeconds: (user + system) / 1e6,
      peakHeap: memoryInfo().peakBytes,
      peakResident: process.resourceUsage().maxRSS * 1024,
    };
    process.send?.(turn);
  });
  process.send?.('ready');
}

async function ask(child: ChildProcess): Promise<Turn> {
  const heard = once(child, 'message');
  child.send('go');
  return (await heard)[0] as Turn;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];
const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

async function compare(): Promise<void> {
  printHeader(`Training ResNet-20, batch ${BATCH}, ${ROUNDS} rounds of ${STEPS} steps`);
  const counts = [1, 2];
  const children = counts.map((n) => fork(fileURLToPath(import.meta.url), [String(n)]));
  for (const child of children) child.on('exit', (code) => code && process.exit(code));
  const turns: Turn[][] = counts.map(() => []);
  try {
    await Promise.all(children.map((child) => once(child, 'message')));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, child] of children.entries()) turns[i].push(await ask(child));
    }
  } finally {
    for (const child of children) child.kill();
  }
  const table = [['threads', 'images/s', 'best', 'per cpu second', 'peak heap MiB', 'peak resident MiB']];
  for (const [i, mine] of turns.entries()) {
    const rates = mine.map(({ seconds }) => (STEPS * BATCH) / seconds);
    const last = mine[ROUNDS - 1];
    table.push([
      String(counts[i]),
      median(rates).toFixed(0),
      Math.max(...rates).toFixed(0),
      median(mine.map(({ cpuSeconds }) => (STEPS * BATCH) / cpuSeconds)).toFixed(0),
      megabytes(last.peakHeap),
      megabytes(last.peakResident),
    ]);
  }
  printColumns(table);
  const gain = median(turns[0].map((one, round) => one.seconds / turns[1][round].seconds));
  console.log(`two threads over one: ${gain.toFixed(2)} times as fast, median of neighboring turns (bar: 1.8)`);
}

const threads = process.argv[2];
await (threads === undefined ? compare() : train(Number(threads)));
