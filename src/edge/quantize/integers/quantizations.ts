import type { Observer } from '../calibrate/observer.js';
import { type FoundRange, type RangeMethod, rangeOf } from '../calibrate/ranges.js';
import type { Network, NetworkNode } from '../network/network.js';
import type { Quantization } from './integerNetwork.js';
import type { Placement } from './placement.js';

export interface RangeSettings {
  readonly method: RangeMethod;
  readonly percentile: number;
  readonly activationBits: 7 | 8;
}

/**
 * The quantization of each value that bytes stand for. What a max pool or another shape passes on keeps its own, and parts of a
 * concatenation share one where their ranges are alike, so that they can be written where the whole is read.
 */
export function quantizationsOf(
  network: Network,
  { inFloat }: Placement,
  observers: ReadonlyMap<number, Observer>,
  settings: RangeSettings,
): ReadonlyMap<number, Quantization> {
  const narrow = settings.activationBits === 7;
  const found = (value: number): FoundRange => {
    const observer = observers.get(value);
    if (observer === undefined) return { min: 0, max: 0 };
    return rangeOf(observer, settings.method, narrow ? 127 : 255, settings.percentile);
  };
  const ranges = new Map<number, FoundRange>();
  const leader = new Map<number, number>();
  const leaderOf = (value: number): number => {
    const next = leader.get(value);
    return next === undefined ? value : leaderOf(next);
  };
  const rangeFor = (value: number): FoundRange => {
    const known = ranges.get(value) ?? found(value);
    ranges.set(value, known);
    return known;
  };
  const join = (a: number, b: number): void => {
    const [from, to] = [leaderOf(b), leaderOf(a)];
    if (from === to) return;
    const [p, q] = [rangeFor(to), rangeFor(from)];
    leader.set(from, to);
    ranges.set(to, { min: Math.min(p.min, q.min), max: Math.max(p.max, q.max) });
  };
  const bytesOf = (node: NetworkNode): boolean => !inFloat.has(node);
  for (const node of network.nodes.filter(bytesOf)) {
    if (node.op === 'maxPool' || node.op === 'view') join(node.inputs[0] as number, node.output);
  }
  for (const node of network.nodes.filter(bytesOf)) {
    if (node.op === 'concat')
      joinParts(
        node.inputs.filter((value) => observers.has(value)),
        node.output,
        join,
        (value) => rangeFor(leaderOf(value)),
      );
  }
  const values = new Set([network.input, ...network.nodes.flatMap(({ inputs, output }) => [...inputs, output])]);
  return new Map([...values].map((value) => [value, quantizationOf(rangeFor(leaderOf(value)), narrow)]));
}

/** Parts whose own range is at least a quarter of the largest share one. */
function joinParts(
  parts: readonly number[],
  whole: number,
  join: (a: number, b: number) => void,
  rangeFor: (value: number) => FoundRange,
): void {
  const width = ({ min, max }: FoundRange): number => max - min;
  const widest = Math.max(...parts.map((part) => width(rangeFor(part))), 0);
  for (const part of parts) if (4 * width(rangeFor(part)) >= widest) join(whole, part);
}

/** 0 has a byte of its own, so that padding is exact. */
export function quantizationOf({ min, max }: FoundRange, narrow: boolean): Quantization {
  const low = narrow ? 0 : -128;
  const scale = Math.fround((max - min) / (127 - low)) || 1;
  const zero = Math.min(Math.max(Math.round(low - min / scale), low), 127);
  return { scale: Number(scale.toPrecision(9)), zero, low };
}
