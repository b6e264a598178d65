import { reshape } from '../tensor/ops/shape/reshape.js';
import type { Tensor } from '../tensor/tensor.js';
import type { ImportNode } from './importNode.js';

export type Pair = readonly [height: number, width: number];
export type Sides = readonly [top: number, left: number, bottom: number, right: number];

/** How a window moves over an image, as a node's attributes say. A signal has one axis: it is an image of one row. */
export interface Window {
  /** Of the attribute; weights have their own. */
  kernelSize: Pair;
  stride: Pair;
  dilation: Pair;
  /** Axes that the attributes are about; null where none of them says. */
  axes: 1 | 2 | null;
  /** The padding of an image of this size where the window covers `extent`: from pads, or as auto_pad says. */
  sides(size: readonly number[], extent: readonly number[]): Sides;
}

/** Reads kernel_shape, strides, dilations, pads and auto_pad. */
export function windowOf(node: ImportNode): Window {
  let axes: 1 | 2 | null = null;
  const list = (name: string, each: number, least: number): number[] | undefined => {
    const values = node.ints(name);
    if (values === undefined || values.length === 0) return undefined;
    const length = values.length / each;
    node.check(length === 1 || length === 2, `has ${name} [${values}], but only signals and images are read`);
    node.check(axes === null || axes === length, `has ${name} [${values}], which does not go with ${axes} axes`);
    node.check(
      values.every((n) => Number.isSafeInteger(n) && n >= least),
      `has ${name} [${values}], which must be whole and at least ${least}`,
    );
    axes = length as 1 | 2;
    return values;
  };
  const pair = (name: string): Pair => {
    const [first = 1, second] = list(name, 1, 1) ?? [];
    return second === undefined ? [1, first] : [first, second];
  };
  const [kernelSize, stride, dilation] = [pair('kernel_shape'), pair('strides'), pair('dilations')];
  const given = list('pads', 2, 0) ?? [0, 0, 0, 0];
  const pads: Sides = given.length === 2 ? [0, given[0], 0, given[1]] : (given as unknown as Sides);
  const auto = node.text('auto_pad', 'NOTSET');
  const known = ['NOTSET', '', 'VALID', 'SAME_UPPER', 'SAME_LOWER'];
  node.check(known.includes(auto), `has auto_pad '${auto}', which ONNX does not know`);
  const sides: Window['sides'] = (size, extent) => {
    if (auto === 'NOTSET' || auto === '') return pads;
    if (auto === 'VALID') return [0, 0, 0, 0];
    const total = size.map((n, i) => Math.max(0, (Math.ceil(n / stride[i]) - 1) * stride[i] + extent[i] - n));
    const before = total.map((t) => (auto === 'SAME_UPPER' ? Math.floor(t / 2) : Math.ceil(t / 2)));
    return [before[0], before[1], total[0] - before[0], total[1] - before[1]];
  };
  return { kernelSize, stride, dilation, axes, sides };
}

/** Runs `fn` on images; a signal [N, C, L] is seen as one row, and so is what comes of it. */
export function onImages(node: ImportNode, window: Window, x: Tensor, fn: (image: Tensor) => Tensor): Tensor {
  const axes = x.shape.length - 2;
  node.check(axes === 1 || axes === 2, `has an input of shape [${x.shape}]; only signals and images are read`);
  node.check(window.axes === null || window.axes === axes, `has a window of ${window.axes} axes for [${x.shape}]`);
  if (axes === 2) return fn(x);
  const y = fn(asRow(x));
  return reshape(y, [y.shape[0], y.shape[1], y.shape[3]]);
}

/** [A, B, L] as [A, B, 1, L]; images stay. */
export function asRow(x: Tensor): Tensor {
  return x.shape.length === 3 ? reshape(x, [x.shape[0], x.shape[1], 1, x.shape[2]]) : x;
}
