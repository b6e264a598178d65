import { formatShape } from '../base/shape.js';
import { formatTable } from '../base/table.js';
import { convolutionKernels } from '../kernels/families/convolution.js';
import type { Tensor } from '../tensor/tensor.js';
import { moduleOf, shapeOf } from './parts.js';
import { readFused } from './passes/convolutions.js';
import { peakRate } from './peakRate.js';
import type { Plan, PlanStep } from './plan/plan.js';

/** What one operation of a plan took. */
export interface ProfileRow {
  /** The path of the module that it comes from. */
  module: string;
  /** The operation, as the graph names it. */
  op: string;
  /** How a convolution is computed; '' for the rest. */
  algorithm: string;
  /** The shape of what it makes. */
  outputShape: number[];
  /** The median of the repetitions, in milliseconds. */
  ms: number;
  /** 10^9 multiplications and additions per second, counted as the textbook does; null for operations that only move or compare. */
  gflops: number | null;
  /** That rate over what the register tile reaches on these threads; Winograd's algorithm may pass 1. */
  share: number | null;
}

/** Where the time of a compiled model goes. */
export interface Profile {
  /** One for each operation, in order. */
  rows: ProfileRow[];
  /** The sum of all rows. */
  ms: number;
  /** What a large matrix product reaches on these threads, in GFLOP/s. */
  peakGflops: number;
  /** The table as text. */
  toString(): string;
}

const REPETITIONS = 9;

/** Runs the plan several times and measures each step. */
export function profilePlan(plan: Plan, x: Tensor): Profile {
  const times = new Map<PlanStep, number[]>();
  for (let i = 0; i < REPETITIONS; i++) {
    const results = plan.run(x, (step) => {
      const start = performance.now();
      for (const each of step.steps) each.run();
      const ms = performance.now() - start;
      times.set(step, [...(times.get(step) ?? []), ms]);
    });
    for (const result of results) result.dispose();
  }
  const peakGflops = peakRate();
  const rows = [...times]
    .filter(([{ steps }]) => steps.length > 0)
    .map(([step, ms]) => rowOf(plan, step, ms, peakGflops));
  const ms = rows.reduce((sum, row) => sum + row.ms, 0);
  return {
    rows,
    ms,
    peakGflops,
    toString() {
      return render(this);
    },
  };
}

function rowOf({ graph }: Plan, { node }: PlanStep, times: readonly number[], peak: number): ProfileRow {
  const ms = times.toSorted((a, b) => a - b)[times.length >> 1] as number;
  const flops = node.kernels.reduce((sum, call) => sum + call.flops, 0);
  const gflops = flops > 0 && ms > 0 ? flops / ms / 1e6 : null;
  const conv = readFused(node);
  return {
    module: moduleOf(graph, node),
    op: node.op,
    algorithm: conv === null ? '' : convolutionKernels.conv2dAlgorithm(conv.geometry),
    outputShape: [...shapeOf(graph, node.outputs[0] as number)],
    ms,
    gflops,
    share: gflops === null ? null : gflops / peak,
  };
}

function render({ rows, ms, peakGflops }: Profile): string {
  const table = formatTable(
    ['module', 'operation', 'algorithm', 'output', 'ms', '% of time', 'GFLOP/s', '% of peak'],
    rows.map((row) => [
      row.module,
      row.op,
      row.algorithm,
      formatShape(row.outputShape),
      row.ms.toFixed(3),
      ((100 * row.ms) / ms).toFixed(1),
      row.gflops === null ? '' : row.gflops.toFixed(1),
      row.share === null ? '' : (100 * row.share).toFixed(0),
    ]),
    4,
  );
  return `${table}\ntotal ${ms.toFixed(2)} ms; a large matrix product reaches ${peakGflops.toFixed(1)} GFLOP/s here`;
}
