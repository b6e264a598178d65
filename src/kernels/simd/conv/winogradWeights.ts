import type { Floats } from '../../../memory/memory.js';
import { threadCount } from '../../../wasm/program.js';
import type { Conv2dGeometry } from '../../geometry.js';
import { ROWS } from '../gemm/dots.js';
import { POSITION_GAP } from './winogradBlocks.js';
import { align, commonValues, forwardProblem, type Plan, plan } from './winogradPlan.js';
import { winogradWeights } from './winogradProgram.js';
import type { GradientScheme, Scheme } from './winogradScheme.js';

/** The most bytes of partial weight gradients, and output channels that one unit of work covers. */
const PARTIAL_BYTES = 32 * 2 ** 20;
const MAX_CHUNKS = 8;
const RANGE_CHANNELS = 128;

interface WeightPlan {
  readonly plan: Plan;
  readonly chunks: number;
  readonly ranges: number;
  readonly rangeChannels: number;
  readonly partialBytes: number;
}

function weightPlan(g: Conv2dGeometry, scheme: Scheme): WeightPlan {
  const p = forwardProblem(g);
  const ranges = Math.ceil(p.outChannels / RANGE_CHANNELS);
  const rangeChannels = Math.ceil(p.outChannels / ranges / ROWS) * ROWS;
  const q = plan(p, scheme, rangeChannels, 'weights');
  const slots = Math.ceil(p.channels / 2) * 2 * Math.ceil(p.outChannels / ROWS) * ROWS;
  const oneChunk = scheme.size * scheme.size * (slots * 4 + POSITION_GAP);
  const chunks = Math.max(1, Math.min(MAX_CHUNKS, q.blocks, Math.floor(PARTIAL_BYTES / oneChunk)));
  return { plan: q, chunks, ranges, rangeChannels, partialBytes: align(chunks * oneChunk) };
}

export function winogradBackwardWeight(
  dw: Floats,
  dy: Floats,
  x: Floats,
  g: Conv2dGeometry,
  workspace: Floats,
  scheme: GradientScheme,
): void {
  const p = forwardProblem(g);
  const w = weightPlan(g, scheme);
  const du = workspace.byteOffset;
  const { chunks, ranges, rangeChannels } = w;
  const { gradients, reduce } = winogradWeights[scheme.name];
  const sizes = { chunks, ranges, rangeChannels, blocks: w.plan.blocks };
  const common = commonValues(p, w.plan, du + w.partialBytes);
  gradients.runGroups([{ du, dy: dy.byteOffset, x: x.byteOffset }, sizes, common], chunks * ranges, 1);
  const { channels, outChannels } = p;
  reduce.run({ dw: dw.byteOffset, du, chunks, channels, outChannels }, Math.ceil(outChannels / ROWS), 4);
}

/** Floats of workspace that it needs with the current number of threads. */
export function winogradWeightWorkspace(g: Conv2dGeometry, scheme: Scheme): number {
  const w = weightPlan(g, scheme);
  return (w.partialBytes + threadCount() * w.plan.scratchBytes) / 4;
}
