import type { Observer } from '../calibrate/observer.js';
import { type FoundRange, type RangeMethod, rangeOf } from '../calibrate/ranges.js';
import type { Network, NetworkNode } from '../network/network.js';
import type { Quantization } from './integerNetwork.js';
import type { Placement } from './placement.js';

export interface RangeSettings {
  readonly method: RangeMethod;
  readonly percentile: number;
  readonly activationBits: 7 | 8;
  /** Ranges of the inputs of convolutions and linear layers, by name. */
  readonly inputRanges?: ReadonlyMap<string, FoundRange> | undefined;
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
  const given = givenRanges(network, settings.inputRanges);
  const foundFor = (value: number): FoundRange => {
    const known = given.get(value);
    if (known !== undefined) return known;
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
    const known = ranges.get(value) ?? foundFor(value);
    ranges.set(value, known);
    return known;
  };
  const join = (a: number, b: number): void => {
    const [from, to] = [leaderOf(b), leaderOf(a)];
    if (from === to) return;
    const [p, q] = [rangeFor(to), rangeFor(from)];
    leader.set(from, to);
    const isGiven = [to, from].map((value) => given.has(value));
    // A range that was given holds for what is joined to it.
    const found = { min: Math.min(p.min, q.min), max: Math.max(p.max, q.max) };
    ranges.set(to, isGiven[0] === isGiven[1] ? found : isGiven[0] ? p : q);
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

/** The ranges of values that are inputs of such layers: the widest where several read one. */
function givenRanges(
  network: Network,
  inputRanges: ReadonlyMap<string, FoundRange> = new Map(),
): ReadonlyMap<number, FoundRange> {
  const ranges = new Map<number, FoundRange>();
  for (const node of network.nodes) {
    const own = inputRanges.get(node.name);
    const input = node.inputs[0] as number;
    if (node.op !== 'conv' || node.isBatchNorm || own === undefined) continue;
    const other = ranges.get(input) ?? own;
    ranges.set(input, { min: Math.min(own.min, other.min, 0), max: Math.max(own.max, other.max, 0) });
  }
  return ranges;
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
