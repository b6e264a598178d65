import type { Module } from '../layers/module.js';
import { scope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { inputGradient } from './inputGradient.js';
import { targetScores } from './target.js';

/** A part of the way from the baseline to a picture, 0 to 1, with the gradient in its middle. */
export interface PathStep {
  readonly from: number;
  readonly to: number;
  /** [C, H, W] */
  readonly gradient: Float32Array;
  /** How fast the logit changes there, along the way. */
  readonly slope: number;
}

/** The straight way from a baseline to a picture, and the logit of a class along it. */
export interface Path {
  readonly who: string;
  readonly model: Module;
  readonly start: Float32Array;
  readonly end: Float32Array;
  /** [C, H, W] */
  readonly shape: readonly number[];
  readonly target: number;
}

/** Pictures that go through the model at once. */
const BATCH = 8;

/** Steps of the same length. */
export function evenSteps(path: Path, steps: number): PathStep[] {
  return stepsAt(path, parts(0, 1, steps));
}

/**
 * Five eighths of the steps of the same length; the others where they help most. The logits at both ends of a step say what its gradient should add up to, so
 * it is known which step misses most. That one becomes three: its gradient stays the one in the middle.
 */
export function adaptiveSteps(path: Path, steps: number): PathStep[] {
  const even = steps - 2 * Math.floor((3 * steps) / 16);
  const queue = evenSteps(path, even);
  const edges = [0, ...queue.map(({ to }) => to)];
  const known = logitsAt(path, edges);
  const logits = new Map(edges.map((way, i) => [way, known[i]]));
  const misses = ({ from, to, slope }: PathStep): number =>
    Math.abs((to - from) * slope - ((logits.get(to) ?? 0) - (logits.get(from) ?? 0)));
  while (queue.length + 2 <= steps) {
    let worst = 0;
    for (let i = 1; i < queue.length; i++) if (misses(queue[i]) > misses(queue[worst])) worst = i;
    const { from, to, gradient, slope } = queue[worst];
    const [first, middle, last] = parts(from, to, 3);
    const inner = logitsAt(path, [first[1], last[0]]);
    logits.set(first[1], inner[0]).set(last[0], inner[1]);
    queue.splice(worst, 1, { from: middle[0], to: middle[1], gradient, slope }, ...stepsAt(path, [first, last]));
  }
  return queue;
}

/** [from, to] in parts of the same length; neighbors share the very same number. */
function parts(from: number, to: number, count: number): [number, number][] {
  const edge = (i: number): number => (i === count ? to : from + ((to - from) * i) / count);
  return Array.from({ length: count }, (_, i) => [edge(i), edge(i + 1)]);
}

function stepsAt(path: Path, spans: readonly (readonly [number, number])[]): PathStep[] {
  const { who, model, start, end, target } = path;
  const ways = spans.map(([from, to]) => (from + to) / 2);
  const gradients = inBatches(path, ways, (x, count) => {
    const { gradient } = inputGradient(who, model, x, new Array<number>(count).fill(target));
    return Array.from({ length: count }, (_, i) => gradient.slice(i * start.length, (i + 1) * start.length));
  });
  return spans.map(([from, to], at) => {
    let slope = 0;
    for (let i = 0; i < start.length; i++) slope += gradients[at][i] * (end[i] - start[i]);
    return { from, to, gradient: gradients[at], slope };
  });
}

function logitsAt(path: Path, ways: readonly number[]): number[] {
  return inBatches(path, ways, (x, count) =>
    targetScores(path.model.predict(x), new Array<number>(count).fill(path.target)),
  );
}

function inBatches<T>(
  { start, end, shape }: Path,
  ways: readonly number[],
  fn: (x: Tensor, count: number) => T[],
): T[] {
  const found: T[] = [];
  for (let at = 0; at < ways.length; at += BATCH) {
    const some = ways.slice(at, at + BATCH);
    const values = new Float32Array(some.length * start.length);
    for (const [k, way] of some.entries()) {
      const offset = k * start.length;
      for (let i = 0; i < start.length; i++) values[offset + i] = start[i] + way * (end[i] - start[i]);
    }
    found.push(...scope(() => fn(Tensor.from(values, [some.length, ...shape]), some.length)));
  }
  return found;
}
