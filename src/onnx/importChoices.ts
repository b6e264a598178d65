import { normalizeAxis, sizeOf, stridesOf } from '../base/shape.js';
import { runHostKernel } from '../tensor/hostKernel.js';
import { record } from '../tensor/tape.js';
import { Tensor } from '../tensor/tensor.js';
import { hostSize } from './budget.js';
import { inputOf, tensorOf } from './importElementwise.js';
import type { ImportOp } from './importNode.js';
import { cumulativeSum } from './ops/cumulativeSum.js';
import { gatherElements } from './ops/gatherElements.js';
import { positions } from './ops/stretched.js';
import { where } from './ops/where.js';
import { HostArray, integers, isWhole, markWhole, numbersOf, toHost, toTensor } from './values.js';

/** Operations that rank, choose or add up the entries of an axis one by one. */
export const choices: Record<string, ImportOp> = {
  ArgMax: extreme((a, b) => a > b),
  ArgMin: extreme((a, b) => a < b),
  TopK: (node) => {
    const [largest, axis] = [node.int('largest', 1) === 1, node.int('axis', -1)];
    return ([input, count]) => {
      const x = tensorOf(node, input);
      const at = normalizeAxis(node.title, axis, x.shape.length);
      const k = count ? numbersOf(count)[0] : node.int('k', -1);
      const length = x.shape[at];
      node.check(Number.isInteger(k) && k >= 0 && k <= length, `wants the first ${k} of ${length}`);
      const shape = x.shape.with(at, k);
      const [lines, step] = linesOf(x.shape, at);
      const to = linesOf(shape, at)[0];
      const chosen = new Int32Array(sizeOf(shape));
      const indices = Tensor.empty('topK', shape);
      const [data, index] = [x.data, indices.data];
      for (const [line, first] of lines.entries()) {
        const ranked = Array.from({ length }, (_, i) => i).sort((i, j) => {
          const [a, b] = [data[first + i * step], data[first + j * step]];
          return (a === b ? 0 : largest ? b - a : a - b) || i - j;
        });
        for (let i = 0; i < k; i++) {
          chosen[to[line] + i * step] = first + ranked[i] * step;
          index[to[line] + i * step] = ranked[i];
        }
      }
      record('topK', [x], indices, () => undefined);
      return [gatherElements('topK', x, shape, chosen), markWhole(indices)];
    };
  },
  CumSum: (node) => {
    const options = { reverse: node.int('reverse', 0) === 1, exclusive: node.int('exclusive', 0) === 1 };
    return ([input, axis]) => {
      const x = inputOf(node, input);
      const along = normalizeAxis(node.title, numbersOf(inputOf(node, axis))[0], x.shape.length);
      const y = cumulativeSum(toTensor(x), along, options);
      return x instanceof HostArray ? new HostArray(y.shape, Array.from(y.data), x.integer) : y;
    };
  },
  GatherElements: (node) => {
    const axis = node.int('axis', 0);
    return ([input, at]) => {
      const x = inputOf(node, input);
      const { shape, data } = toHost(inputOf(node, at));
      const along = normalizeAxis(node.title, axis, x.shape.length);
      const length = x.shape[along];
      node.check(
        shape.length === x.shape.length && shape.every((n, i) => i === along || n <= x.shape[i]),
        `chooses [${shape}] of [${x.shape}]`,
      );
      const strides = stridesOf(x.shape);
      const chosen = positions(shape, strides.with(along, 0));
      for (let i = 0; i < chosen.length; i++) {
        const entry = data[i] < 0 ? data[i] + length : data[i];
        node.check(Number.isInteger(entry) && entry >= 0 && entry < length, `reads entry ${data[i]} of ${length}`);
        chosen[i] += entry * strides[along];
      }
      if (x instanceof Tensor) return gatherElements('gatherElements', x, shape, chosen);
      return new HostArray(
        shape,
        Array.from(chosen, (i) => x.data[i]),
        x.integer,
      );
    };
  },
  Trilu: (node) => {
    const upper = node.int('upper', 1) === 1;
    return ([input, diagonal]) => {
      const x = inputOf(node, input);
      const k = diagonal ? numbersOf(diagonal)[0] : 0;
      const [rows, columns] = x.shape.slice(-2);
      node.check(columns !== undefined, `has an input of shape [${x.shape}], but needs matrices`);
      const kept = new Float32Array(hostSize(node.title, [rows, columns]));
      for (let i = 0; i < kept.length; i++) {
        const offset = (i % columns) - Math.floor(i / columns);
        kept[i] = (upper ? offset >= k : offset <= k) ? 1 : 0;
      }
      const y = where(Tensor.from(kept, [rows, columns]), toTensor(x), Tensor.zeros([]));
      if (x instanceof HostArray) return new HostArray(x.shape, Array.from(y.data), x.integer);
      return isWhole(x) ? markWhole(y) : y;
    };
  },
  EyeLike: (node) => {
    const k = node.int('k', 0);
    return ([input]) => {
      const { shape } = inputOf(node, input);
      node.check(shape.length === 2, `has an input of shape [${shape}], but needs a matrix`);
      const data = new Float64Array(hostSize(node.title, shape));
      for (let row = 0; row < shape[0]; row++) {
        if (row + k >= 0 && row + k < shape[1]) data[row * shape[1] + row + k] = 1;
      }
      return integers(shape, data);
    };
  },
};

/** Where each line along an axis begins, and how far apart its entries are. */
function linesOf(shape: readonly number[], axis: number): [Int32Array, number] {
  const strides = stridesOf(shape);
  return [positions(shape.with(axis, 1), strides), strides[axis]];
}

/** Where the entry lies that no other `beats`; NaN does. */
function extreme(beats: (a: number, b: number) => boolean): ImportOp {
  return (node) => {
    const [axis, keepDims] = [node.int('axis', 0), node.int('keepdims', 1) === 1];
    const last = node.int('select_last_index', 0) === 1;
    return ([input]) => {
      const x = inputOf(node, input);
      const at = normalizeAxis(node.title, axis, x.shape.length);
      node.check(x.shape[at] > 0, `looks along an empty axis of [${x.shape}]`);
      const shape = keepDims ? x.shape.with(at, 1) : x.shape.toSpliced(at, 1);
      const [lines, step] = linesOf(x.shape, at);
      const find = (into: { [i: number]: number }, from: ArrayLike<number>): void => {
        for (const [line, first] of lines.entries()) {
          let best = 0;
          for (let k = 1; k < x.shape[at]; k++) {
            const [v, most] = [from[first + k * step], from[first + best * step]];
            if (beats(v, most) || (last && v === most)) best = k;
          }
          into[line] = best;
        }
      };
      if (x instanceof HostArray) {
        const data = new Float64Array(hostSize(node.title, shape));
        find(data, x.data);
        return integers(shape, data);
      }
      const y = Tensor.empty('argMax', shape);
      runHostKernel('argMax', [y], [x], ([to], [from]) => find(to, from));
      record(last ? 'lastOf' : node.proto.opType, [x], y, () => undefined, { attributes: { axis: at, keepDims } });
      return markWhole(y);
    };
  };
}
