import { broadcastShapes } from '../base/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { hostSize } from './budget.js';
import { combine, mapped, stretch } from './hostArrays.js';
import { beforeBroadcasting, inputOf } from './importElementwise.js';
import type { ImportOp } from './importNode.js';
import { pairwise } from './ops/pairwise.js';
import { pointwise } from './ops/pointwise.js';
import { where } from './ops/where.js';
import { HostArray, markWhole, toTensor } from './values.js';

/** Comparisons and what is chosen by them. Truth is a number, 1 or 0; nothing is learned through it. */
export const logic: Record<string, ImportOp> = {
  Equal: compare('equal', (a, b) => a === b),
  Greater: compare('greater', (a, b) => a > b),
  GreaterOrEqual: compare('greaterOrEqual', (a, b) => a >= b),
  Less: compare('less', (a, b) => a < b),
  LessOrEqual: compare('lessOrEqual', (a, b) => a <= b),
  And: compare('and', (a, b) => a !== 0 && b !== 0),
  Or: compare('or', (a, b) => a !== 0 || b !== 0),
  Xor: compare('xor', (a, b) => (a !== 0) !== (b !== 0)),
  Not: test('not', (v) => v === 0),
  IsNaN: test('isNaN', Number.isNaN),
  IsInf: (node) => {
    const [negative, positive] = [node.int('detect_negative', 1) === 1, node.int('detect_positive', 1) === 1];
    const found = (v: number): boolean => (positive && v === Infinity) || (negative && v === -Infinity);
    return test(positive && negative ? 'isInfinite' : 'isInfiniteOfSign', found)(node);
  },
  Where:
    (node) =>
    ([condition, x, y]) => {
      const [mask, a, b] = [condition, x, y].map((value) => inputOf(node, value));
      if (mask instanceof HostArray && a instanceof HostArray && b instanceof HostArray) {
        const shape = broadcastShapes(node.title, broadcastShapes(node.title, a.shape, b.shape), mask.shape);
        const [m, p, q] = [mask, a, b].map((array) => stretch(node.title, array, shape).data);
        const data = new Float64Array(hostSize(node.title, shape));
        for (let i = 0; i < data.length; i++) data[i] = m[i] !== 0 ? p[i] : q[i];
        return new HostArray(shape, data, a.integer && b.integer);
      }
      return where(toTensor(mask), toTensor(a), toTensor(b));
    },
};

function compare(op: string, holds: (a: number, b: number) => boolean): ImportOp {
  const fn = (a: number, b: number): number => (holds(a, b) ? 1 : 0);
  return (node) =>
    ([a, b]) => {
      const [x, z] = beforeBroadcasting(node, inputOf(node, a), inputOf(node, b));
      if (x instanceof Tensor || z instanceof Tensor) return markWhole(pairwise(op, toTensor(x), toTensor(z), fn));
      return new HostArray(...fields(combine(node.title, exact(x), exact(z), fn)), true);
    };
}

function test(op: string, holds: (x: number) => boolean): ImportOp {
  const fn = (v: number): number => (holds(v) ? 1 : 0);
  return (node) =>
    ([input]) => {
      const x = inputOf(node, input);
      return x instanceof Tensor ? markWhole(pointwise(op, x, fn)) : mapped(node.title, x, fn, true);
    };
}

function fields({ shape, data }: HostArray): [HostArray['shape'], HostArray['data']] {
  return [shape, data];
}

/** The same numbers, which results are not cut to whole ones of. */
function exact({ shape, data }: HostArray): HostArray {
  return new HostArray(shape, data, false);
}
