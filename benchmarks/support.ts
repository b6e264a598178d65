import { loadavg } from 'node:os';
import { randomStream } from '../src/base/random.js';
import { Tensor } from '../src/tensor/tensor.js';

/** Something to measure: what it does once, and how many floating-point operations that is. */
export interface Contender {
  name: string;
  flops: number;
  run: () => void;
}

export interface Measurement {
  name: string;
  /** Milliseconds of one run. */
  median: number;
  minimum: number;
  /** Billions of floating-point operations a second, at the minimum. */
  gflops: number;
  /** The same by processor time, summed over threads: what one thread does whatever else the machine is busy with. */
  cpuGflops: number;
  /** The median over all rounds of this contender's rate, divided by the first one's rate in the same round. */
  ratio: number;
}

/** Holds the tensors behind `zeros` and `normals`, so that the garbage collector does not. */
const held: Tensor[] = [];

/** Zeros on the tensor heap, where the library's own data lives. */
export function zeros(length: number): Float32Array {
  const tensor = Tensor.zeros([length]);
  held.push(tensor);
  return tensor.data;
}

/** The same with normal random numbers. */
export function normals(length: number): Float32Array {
  const random = randomStream('benchmark');
  const data = zeros(length);
  for (let i = 0; i < length; i++) data[i] = random.normal();
  return data;
}

/** Releases everything that `zeros` and `normals` have made: the next shape's data then needs no more memory. */
export function releaseData(): void {
  for (const tensor of held.splice(0)) tensor.dispose();
}

/** Results go here, so that no compiler can prove them unused. */
export const consumed = new Float64Array(1);

/** Keeps the computation of `values` alive. */
export function consume(values: ArrayLike<number>): void {
  consumed[0] += values.length > 0 ? values[values.length >> 1] : 0;
}

/**
 * Runs all contenders in turn, round after round, so that whatever else the machine does meets each of them alike. A turn
 * repeats its run for about `turn` milliseconds, the same for all, so that each is as likely to be interrupted. The first
 * round warms up and does not count.
 */
export function measure(
  contenders: readonly Contender[],
  options: { rounds?: number; turn?: number } = {},
): Measurement[] {
  const { rounds = 11, turn = 100 } = options;
  const repeats = contenders.map(({ run }) => {
    for (let i = 0; i < 3; i++) timed(run, 1);
    return Math.max(1, Math.round(turn / Math.max(1e-3, timed(run, 1))));
  });
  const times: number[][] = contenders.map(() => []);
  const cpuTimes = contenders.map(() => Number.POSITIVE_INFINITY);
  for (let round = -1; round < rounds; round++) {
    contenders.forEach(({ run }, i) => {
      const cpu = process.cpuUsage();
      const ms = timed(run, repeats[i]);
      const { user, system } = process.cpuUsage(cpu);
      if (round < 0) return;
      times[i].push(ms);
      cpuTimes[i] = Math.min(cpuTimes[i], (user + system) / 1000 / repeats[i]);
    });
  }
  return contenders.map(({ name, flops }, i) => {
    const ratios = times[i].map((ms, round) => flops / ms / (contenders[0].flops / times[0][round]));
    const minimum = Math.min(...times[i]);
    const [gflops, cpuGflops] = [minimum, cpuTimes[i]].map((ms) => flops / ms / 1e6);
    return { name, median: median(times[i]), minimum, gflops, cpuGflops, ratio: median(ratios) };
  });
}

/** Prints what the machine is and how busy: a figure without it says little. */
export function printHeader(title: string): void {
  const load = loadavg().map((l) => l.toFixed(2));
  console.log(`\n${title}\nNode ${process.version}, ${process.arch}, load average ${load.join(' ')}`);
}

/** One line a measurement; the ratio is to the first. */
export function printTable(measurements: readonly Measurement[]): void {
  const rows = measurements.map((m) => [
    m.name,
    m.gflops.toFixed(2),
    m.cpuGflops.toFixed(2),
    m.median.toFixed(3),
    m.minimum.toFixed(3),
    `${(100 * m.ratio).toFixed(0)} %`,
    `${((100 * m.cpuGflops) / measurements[0].cpuGflops).toFixed(0)} %`,
  ]);
  const table = [['', 'GFLOP/s', 'by cpu', 'median ms', 'minimum ms', `of ${measurements[0].name}`, 'by cpu'], ...rows];
  printColumns(table);
}

/** Cells in columns, the first column to the left. */
export function printColumns(table: readonly (readonly string[])[]): void {
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  for (const row of table) {
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '));
  }
}

function timed(run: () => void, repeats: number): number {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) run();
  return (performance.now() - start) / repeats;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
