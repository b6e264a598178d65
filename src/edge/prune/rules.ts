import type { Shape } from '../../base/shape.js';
import type { Conv2dGeometry } from '../../kernels/geometry.js';
import type { AxisLabels, Labels, TensorLabels } from './labels.js';
import { reshapeLabels } from './reshapeLabels.js';

/** A value of a graph as a rule sees it. */
export interface Labeled {
  readonly shape: Shape;
  readonly axes: TensorLabels;
}

/** What a rule is told about an operation. */
export interface Operation {
  readonly labels: Labels;
  readonly inputs: readonly Labeled[];
  readonly output: Shape;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly roles: Readonly<Record<string, Labeled>>;
}

/** The labels of what an operation makes, after joining those that belong together. */
export type Rule = (operation: Operation) => TensorLabels;

/** Each output is computed from the input at its place. */
const unary: Rule = ({ inputs: [x] }) => x.axes;

/** Operands meet place by place; those of length 1 are spread. */
const elementwise: Rule = ({ labels, inputs, output }) =>
  output.map((size, axis): AxisLabels => {
    const meeting = inputs.map(({ shape, axes }) => {
      const own = axis - (output.length - shape.length);
      return { size: own < 0 ? 1 : shape[own], axis: own < 0 ? null : axes[own] };
    });
    const whole = meeting.filter((each) => each.size === size);
    for (const each of meeting) if (each.size !== size) labels.fix(each.axis);
    const [first] = whole;
    for (const each of whole) labels.joinAxes(first.axis, each.axis);
    return whole.every((each) => each.axis !== null) ? first.axis : null;
  });

/** Channels stay; height and width are another matter. */
const images: Rule = ({ labels, inputs: [x], output }) =>
  output.map((_, axis) => {
    if (axis < output.length - 2) return x.axes[axis];
    labels.fix(x.axes[axis]);
    return null;
  });

/** The vectors of a normalization go with the channels. */
const channelVectors: Rule = ({ labels, inputs: [x, ...others], roles }) => {
  for (const vector of [...others, ...Object.values(roles)]) labels.joinAxes(x.axes[1], vector.axes[0]);
  return x.axes;
};

const conv2d: Rule = ({ labels, inputs: [x, w, b], attributes }) => {
  const { inChannels, outChannels, groups } = attributes as unknown as Conv2dGeometry;
  joinFilters(labels, x.axes[1], w.axes, { inChannels, outChannels, groups });
  if (b !== undefined) labels.joinAxes(w.axes[0], b.axes[0]);
  return [null, w.axes[0], null, null];
};

/** The geometry is that of the convolution that this one transposes; a weight [C, O / groups, R, S]. */
const convTranspose2d: Rule = ({ labels, inputs: [x, w, b], attributes }) => {
  const { groups } = attributes as unknown as Conv2dGeometry;
  labels.joinAxes(x.axes[1], w.axes[0]);
  if (groups > 1) {
    for (const axis of [w.axes[0], w.axes[1], b?.axes[0] ?? null]) labels.fix(axis);
    return [null, null, null, null];
  }
  if (b !== undefined) labels.joinAxes(w.axes[1], b.axes[0]);
  return [null, w.axes[1], null, null];
};

const linear: Rule = ({ labels, inputs: [x, w, b], output }) => {
  labels.joinAxes(x.axes.at(-1) ?? null, w.axes[1]);
  if (b !== undefined) labels.joinAxes(w.axes[0], b.axes[0]);
  return output.map((_, axis) => (axis === output.length - 1 ? w.axes[0] : x.axes[axis]));
};

const matmul: Rule = (operation) => {
  const { labels, inputs, output } = operation;
  const [x, w] = inputs;
  if (w.shape.length !== 2) return whole(operation);
  labels.joinAxes(x.axes.at(-1) ?? null, w.axes[0]);
  return output.map((_, axis) => (axis === output.length - 1 ? w.axes[1] : x.axes[axis]));
};

const concat: Rule = ({ labels, inputs, output, attributes }) => {
  const { axis: along } = attributes as { axis: number };
  return output.map((_, axis): AxisLabels => {
    if (axis !== along) {
      for (const { axes } of inputs) labels.joinAxes(inputs[0].axes[axis], axes[axis]);
      return inputs.every(({ axes }) => axes[axis] !== null) ? inputs[0].axes[axis] : null;
    }
    if (inputs.every(({ axes }) => axes[axis] === null)) return null;
    return Int32Array.from(inputs.flatMap(({ axes, shape }) => [...(axes[axis] ?? new Int32Array(shape[axis]))]));
  });
};

const slice: Rule = ({ inputs: [x], attributes }) => {
  const { axis: along, first, length } = attributes as { axis: number; first: number; length: number };
  return x.axes.map((axis, i) => (i === along && axis !== null ? axis.slice(first, first + length) : axis));
};

const permute: Rule = ({ inputs: [x], attributes }) => (attributes as { order: number[] }).order.map((i) => x.axes[i]);

const reshape: Rule = ({ labels, inputs: [x], output }) => reshapeLabels(labels, x.axes, x.shape, output);

/** A sum along an axis needs all of it: a mean would be another one. */
const reduce: Rule = ({ labels, inputs: [x], attributes }) => {
  const { axes: along, keepDims } = attributes as { axes: number[]; keepDims: boolean };
  for (const axis of along) labels.fix(x.axes[axis]);
  const left = x.axes.map((axis, i) => (along.includes(i) ? null : axis));
  return keepDims ? left : left.filter((_, i) => !along.includes(i));
};

const alongAxis: Rule = ({ labels, inputs: [x], attributes }) => {
  const { axis: along } = attributes as { axis: number };
  labels.fix(x.axes[along]);
  return x.axes.map((axis, i) => (i === along ? null : axis));
};

const acrossChannels: Rule = ({ labels, inputs: [x] }) => {
  labels.fix(x.axes[1]);
  return x.axes.map((axis, i) => (i === 1 ? null : axis));
};

const groupNorm: Rule = (operation) =>
  (operation.attributes as { groups: number }).groups === operation.inputs[0].shape[1]
    ? channelVectors(operation)
    : whole(operation);

/** For operations that nothing is known of: everything stays. */
export const whole: Rule = ({ labels, inputs, roles, output }) => {
  for (const { axes } of [...inputs, ...Object.values(roles)]) for (const axis of axes) labels.fix(axis);
  return output.map(() => null);
};

const named = (names: string, rule: Rule): Record<string, Rule> =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

/** How labels pass through each operation. */
export const rules: Readonly<Record<string, Rule>> = {
  ...named('relu relu6 leakyRelu elu gelu silu sigmoid tanh hardSigmoid hardSwish exp log sqrt square abs neg', unary),
  ...named('floor ceil round sign sin cos tan softplus clip thresholdedRelu shrink identity truncate dropout', unary),
  ...named('add addRelu sub mul div pow maximum minimum', elementwise),
  ...named('maxPool2d avgPool2d adaptiveAvgPool2d adaptiveMaxPool2d dilatedMaxPool2d pad upsample2d', images),
  ...named('globalAvgPool2d globalMaxPool2d', ({ inputs: [x] }) => x.axes.slice(0, 2)),
  ...named('batchNorm2d batchNormRelu2d', channelVectors),
  ...named('reshape view flatten squeeze unsqueeze', reshape),
  ...named('permute transpose', permute),
  ...named('slice split', slice),
  ...named('sum mean max min', reduce),
  ...named('softmax logSoftmax', alongAxis),
  ...{ conv2d, convTranspose2d, linear, matmul, concat, groupNorm, localResponseNorm: acrossChannels },
};

/** How the channels of a convolution in groups stay a convolution in groups. */
export type GroupTie = 'none' | 'groups' | 'members';

/**
 * Whole groups go where there are many small ones (depthwise: of one channel); where there are few, each loses the same of its channels.
 */
export function groupTie({ inChannels, groups }: Pick<Conv2dGeometry, 'inChannels' | 'groups'>): GroupTie {
  if (groups === 1) return 'none';
  return groups >= inChannels / groups ? 'groups' : 'members';
}

/** Joins what a convolution reads with its weight [O, C / groups, R, S], so that it stays one in groups of equal size. */
function joinFilters(
  labels: Labels,
  x: AxisLabels,
  [out, within]: TensorLabels,
  g: Pick<Conv2dGeometry, 'inChannels' | 'outChannels' | 'groups'>,
): void {
  const tie = groupTie(g);
  if (tie === 'none' || x === null) {
    labels.joinAxes(x, within);
    if (tie !== 'none') labels.fix(out);
    return;
  }
  const [ins, outs] = [g.inChannels / g.groups, g.outChannels / g.groups];
  for (let group = 0; group < g.groups; group++) {
    if (tie === 'groups') {
      for (let i = 1; i < ins; i++) labels.join(x[group * ins], x[group * ins + i]);
      for (let o = 0; o < outs; o++) labels.join(x[group * ins], out?.[group * outs + o] ?? 0);
    } else {
      for (let i = 0; i < ins; i++) labels.join(x[group * ins + i], within?.[i] ?? 0);
      for (let o = 0; o < outs; o++) labels.join(out?.[o] ?? 0, out?.[group * outs + o] ?? 0);
    }
  }
  if (tie === 'groups') labels.fix(within);
}
