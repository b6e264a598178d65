import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, StridenetError } from '../../src/base/errors.js';
import { sizeOf } from '../../src/base/shape.js';
import { importOnnx } from '../../src/onnx/index.js';
import { scope } from '../../src/tensor/scope.js';
import { mutated } from '../../testing/mutations.js';
import { type Attributes, type Constant, file, type Graph, type Line } from './graphFile.js';
import { expectClose, images, runOnnx } from './support.js';

const one = (op: string, attributes?: Attributes, inputs = 'x'): Line[] => [[op, inputs, 'y', attributes]];

/** An operation on x with constant second, third, ... inputs. */
function withConstants(op: string, list: Constant[], attributes?: Attributes, opset?: number): Graph {
  const names = list.map((_, i) => 'abcdef'[i]);
  const constants = Object.fromEntries(names.map((name, i) => [name, list[i]]));
  return { lines: one(op, attributes, ['x', ...names].join(' ')), constants, opset };
}

const reductions = [
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceL1',
  'ReduceL2',
  'ReduceSumSquare',
  'ReduceLogSumExp',
];
const coordinates = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];

/** What a shape computes, seen by adding it to the images as a number. */
function onShapes(lines: Line[], constants: Record<string, Constant> = {}): Graph {
  return { lines: [...lines, ['Cast', 's', 'float', { to: 1 }], ['Add', 'x float', 'y']], constants };
}

const cases: Record<string, Graph> = {
  // Activations.
  Softplus: { lines: [['Mul', 'x a', 'z'], ...one('Softplus', {}, 'z')], constants: { a: 60 } },
  Softsign: { lines: one('Softsign') },
  Selu: { lines: one('Selu') },
  Celu: { lines: one('Celu', { alpha: { float: 0.6 } }) },
  Mish: { lines: one('Mish'), opset: 18 },
  PRelu: withConstants('PRelu', [{ shape: [4, 1, 1] }]),
  'LeakyRelu, Elu': { lines: [['LeakyRelu', 'x', 'z', { alpha: { float: 0.3 } }], ...one('Elu', {}, 'z')] },
  HardSwish: { lines: one('HardSwish'), opset: 14 },
  'HardSigmoid of another slope': { lines: one('HardSigmoid', { alpha: { float: 0.3 } }) },
  'Clip from below': withConstants('Clip', [-0.2]),
  'Clip from above': { lines: one('Clip', {}, 'x _ a'), constants: { a: 0.3 } },
  LogSoftmax: { lines: one('LogSoftmax', { axis: 1 }) },
  'Softmax before version 13': { lines: one('Softmax', { axis: 2 }), opset: 11 },
  // Arithmetic.
  'Pow, Sqrt, Reciprocal': {
    lines: [
      ['Pow', 'x a', 'p'],
      ['Add', 'p b', 'q'],
      ['Sqrt', 'q', 'r'],
      ['Reciprocal', 'r', 'y'],
    ],
    constants: { a: 2, b: 0.5 },
  },
  'Max, Min and Mean of several': {
    lines: [
      ['Max', 'x a b', 'p'],
      ['Min', 'p c', 'q'],
      ['Mean', 'q x a', 'r'],
      ['Sum', 'r q x', 'y'],
    ],
    constants: { a: { shape: [4, 1, 1] }, b: 0.1, c: 0.7 },
  },
  'Erf as GELU is written out': {
    lines: [
      ['Div', 'x a', 'p'],
      ['Erf', 'p', 'q'],
      ['Add', 'q b', 'r'],
      ['Mul', 'x r', 'y'],
    ],
    constants: { a: Math.SQRT2, b: 1 },
  },
  // Reductions.
  ...Object.fromEntries(
    reductions.flatMap((op) => [
      [`${op} over axes`, { lines: one(op, { axes: [2, -1], keepdims: 0 }) }],
      [`${op}, axes kept`, { lines: one(op, { axes: [1] }) }],
      [`${op} over everything`, { lines: one(op) }],
    ]),
  ),
  'ReduceSum over axes that are an input': withConstants('ReduceSum', [[1, 3]], { keepdims: 0 }),
  'ReduceMax over axes that are an input': withConstants('ReduceMax', [[-1]], {}, 18),
  ReduceLogSum: { lines: [['Exp', 'x', 'z'], ...one('ReduceLogSum', { axes: [3] }, 'z')] },
  // Moves.
  'Slice with steps': withConstants('Slice', [
    [0, 1],
    [6, 5],
    [2, 3],
    [2, 3],
  ]),
  'Slice backwards': withConstants('Slice', [[-1], [-100], [2], [-2]]),
  'Slice to the end, in negative axes': withConstants('Slice', [[-3], [2 ** 40], [-1]]),
  'Split in equal parts': { lines: [['Split', 'x', 'a b', { axis: 1 }], ...one('Mul', {}, 'a b')] },
  'Split in parts': {
    lines: [
      ['Split', 'x s', 'a b', { axis: 1 }],
      ['Concat', 'b a', 'y', { axis: 1 }],
    ],
    constants: { s: [1, 3] },
  },
  'Gather along an axis': withConstants('Gather', [[2, 0, -1, 2]], { axis: 1 }),
  'Gather of a matrix of positions': {
    lines: [
      ['Reshape', 'i t', 'j'],
      ['Gather', 'x j', 'y', { axis: 3 }],
    ],
    constants: { i: [0, 4, 1, 2], t: [2, 2] },
  },
  Expand: {
    lines: [['ReduceMean', 'x', 'm', { axes: [1] }], ...one('Expand', {}, 'm a')],
    constants: { a: [3, 1, 1] },
  },
  Tile: withConstants('Tile', [[1, 2, 1, 3]]),
  Transpose: { lines: one('Transpose', { perm: [0, 2, 3, 1] }) },
  'Squeeze, Unsqueeze': {
    lines: [
      ['Unsqueeze', 'x a', 'p'],
      ['ReduceMax', 'p', 'q', { axes: [2] }],
      ['Squeeze', 'q b', 'y'],
    ],
    constants: { a: [1, -1], b: [1, 2] },
  },
  'Squeeze, Unsqueeze before version 13': {
    lines: [
      ['Unsqueeze', 'x', 'p', { axes: [0, 5] }],
      ['Squeeze', 'p', 'y', { axes: [0] }],
    ],
    opset: 11,
  },
  DepthToSpace: { lines: one('DepthToSpace', { blocksize: 2 }) },
  'DepthToSpace, columns first': { lines: one('DepthToSpace', { blocksize: 2, mode: 'CRD' }) },
  SpaceToDepth: { lines: one('SpaceToDepth', { blocksize: 2 }), shape: [2, 3, 6, 4] },
  'Pad by a constant': withConstants('Pad', [[0, 0, 1, 2, 0, 0, 3, 0], 0.5]),
  'Pad by reflection': withConstants('Pad', [[0, 0, 1, 2, 0, 0, 3, 0]], { mode: 'reflect' }),
  'Pad by repetition': withConstants('Pad', [[0, 0, 1, 2, 0, 0, 3, 0]], { mode: 'edge' }),
  'Pad of channels, as shortcuts of option A': withConstants('Pad', [[0, 2, 0, 0, 0, 1, 0, 0]]),
  'Pad by less than nothing': withConstants('Pad', [[0, 0, -1, 1, 0, -1, 0, -2]]),
  'Pad of axes that are named': { lines: one('Pad', {}, 'x a _ b'), constants: { a: [1, 2], b: [-1] }, opset: 18 },
  // Layers.
  InstanceNormalization: withConstants('InstanceNormalization', [{ shape: [4] }, { shape: [4] }]),
  LayerNormalization: withConstants('LayerNormalization', [{ shape: [5] }, { shape: [5] }], { axis: -1 }, 17),
  GroupNormalization: withConstants('GroupNormalization', [{ shape: [4] }, { shape: [4] }], { num_groups: 2 }, 21),
  'GroupNormalization, a scale a group': withConstants(
    'GroupNormalization',
    [{ shape: [2] }, { shape: [2] }],
    { num_groups: 2 },
    18,
  ),
  'Gemm with factors': {
    lines: [['Flatten', 'x', 'f'], ...one('Gemm', { alpha: { float: 0.5 }, beta: { float: 2 } }, 'f a b')],
    constants: { a: { shape: [120, 3] }, b: { shape: [3] } },
  },
  'MatMul and Add, as linear layers on a last axis': {
    lines: [['MatMul', 'x a', 'p'], ...one('Add', {}, 'p b')],
    constants: { a: { shape: [5, 3] }, b: { shape: [3] } },
  },
  // Resizing.
  ...Object.fromEntries(
    coordinates.flatMap((place) =>
      ['nearest', 'linear', 'cubic'].flatMap((mode) =>
        [
          [9, 4],
          [3, 11],
        ].map((size) => [
          `Resize ${mode} to ${size}, ${place}`,
          {
            lines: one('Resize', { mode, coordinate_transformation_mode: place }, 'x _ _ a'),
            constants: { a: [2, 4, ...size] },
          },
        ]),
      ),
    ),
  ),
  ...Object.fromEntries(
    ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map((nearest) => [
      `Resize nearest, ${nearest}`,
      {
        lines: one('Resize', { nearest_mode: nearest }, 'x _ _ a'),
        constants: { a: [2, 4, 9, 3] },
      },
    ]),
  ),
  'Resize by factors, as PyTorch enlarges': {
    lines: one(
      'Resize',
      { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
      'x _ a',
    ),
    constants: { a: { shape: [4], low: 1, high: 1 } },
  },
  'Resize cubic, outside left out': {
    lines: one('Resize', { mode: 'cubic', exclude_outside: 1, cubic_coeff_a: { float: -0.5 } }, 'x _ _ a'),
    constants: { a: [2, 4, 9, 3] },
  },
  // Arithmetic of shapes.
  'Shape, Gather, Mul, Unsqueeze and Concat to a Reshape': {
    lines: [
      ['Shape', 'x', 's'],
      ['Gather', 's i', 'p'],
      ['ReduceProd', 'p', 'q', { keepdims: 1 }],
      ['Slice', 's e f', 'r'],
      ['Concat', 'r q', 't', { axis: 0 }],
      ['Reshape', 'x t', 'y'],
    ],
    constants: { i: [2, 3], e: [0], f: [2] },
  },
  'Range and comparisons': onShapes(
    [
      ['Shape', 'x', 'h'],
      ['Gather', 'h a', 'g'],
      ['Squeeze', 'g', 'n'],
      ['Squeeze', 'z', 'from'],
      ['Squeeze', 'o', 'by'],
      ['Range', 'from n by', 'r'],
      ['Greater', 'r t', 'p'],
      ['LessOrEqual', 'r f', 'q'],
      ['And', 'p q', 'b'],
      ['Not', 'b', 'c'],
      ['Where', 'c r m', 's'],
    ],
    { a: [3], z: [0], o: [1], t: [0], f: [3], m: [-7] },
  ),
  'Where and Equal choose the shape of an Expand': {
    lines: [
      ['ConstantOfShape', 'r', 'ones'],
      ['Add', 'ones o', 'p'],
      ['Cast', 'p', 'p64', { to: 7 }],
      ['Equal', 'a m', 'is'],
      ['Where', 'is p64 a', 's'],
      ['ReduceMean', 'x', 'z', { axes: [1] }],
      ['Expand', 'z s', 'y'],
    ],
    constants: { r: [4], o: 1, a: [-1, 3, -1, -1], m: [-1] },
  },
  'Where on images, with an infinite mask': {
    lines: [
      ['Greater', 'a z', 'c'],
      ['Where', 'c x b', 'p'],
      ['Softmax', 'p', 'y', { axis: -1 }],
    ],
    constants: { a: { shape: [4, 1, 5] }, z: 0, b: Number.NEGATIVE_INFINITY },
  },
  'Mod, Neg, Abs, Sign, Floor and Div of whole numbers': onShapes(
    [
      ['Mod', 'a b', 'p'],
      ['Neg', 'p', 'q'],
      ['Abs', 'q', 'r'],
      ['Sign', 'a', 'g'],
      ['Mul', 'r g', 't'],
      ['Div', 'a b', 'u'],
      ['Sub', 't u', 's'],
    ],
    { a: [-7, 7, 8, -9, 4], b: [3, -3, 5, 2, 4] },
  ),
  'Tile, Transpose and Concat of constants': onShapes(
    [
      ['Reshape', 'a t', 'p'],
      ['Transpose', 'p', 'q', { perm: [1, 0] }],
      ['Tile', 'q r', 'u'],
      ['Concat', 'u u', 'v', { axis: 0 }],
      ['Slice', 'v f e _ st', 'w'],
      ['ReduceSum', 'w z', 's', { keepdims: 0 }],
    ],
    { a: [1, 2, 3, 4, 5, 6], t: [3, 2], r: [1, 2], f: [0, 0], e: [4, 5], st: [2, 1], z: [0] },
  ),
  'Size and Expand of constants': onShapes(
    [
      ['Size', 'x', 'n'],
      ['Expand', 'n a', 's'],
    ],
    { a: [5] },
  ),
  'Min and Max of shapes': onShapes(
    [
      ['Min', 'a b', 'p'],
      ['Max', 'p c', 's'],
    ],
    { a: [1, 9, 3, 4, 5], b: [5, 4, 3, 2, 1], c: [2] },
  ),
};

describe('operators', () => {
  test.each(Object.entries(cases))('%s', async (_, graph) => {
    const bytes = file(graph);
    const x = images(graph.shape ?? [2, 4, 6, 5]);
    expectClose(importOnnx(bytes).predict(x), await runOnnx(bytes, x));
  });
});

describe('what is not read', () => {
  const x = images([2, 4, 6, 5]);
  test.each<[string, Graph]>([
    [
      "Pad 'Pad_0' has mode 'wrap', which is not read",
      withConstants('Pad', [[0, 0, 1, 1, 0, 0, 1, 1]], { mode: 'wrap' }),
    ],
    ["Pad 'Pad_0' has pads [1,2,3] for 4 axes", withConstants('Pad', [[1, 2, 3]])],
    ["Pad 'Pad_0' pads axis 1 by 'reflect'", withConstants('Pad', [[0, 1, 0, 0, 0, 0, 0, 0]], { mode: 'reflect' })],
    [
      "Resize 'Resize_0' has antialias",
      { lines: one('Resize', { antialias: 1 }, 'x _ _ a'), constants: { a: [2, 4, 3, 3] } },
    ],
    [
      "Resize 'Resize_0' has mode 'linear' with 'tf_crop_and_resize'",
      {
        lines: one('Resize', { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' }, 'x _ _ a'),
        constants: { a: [2, 4, 3, 3] },
      },
    ],
    [
      "Resize 'Resize_0' makes [2,5,3,3] of [2,4,6,5]",
      { lines: one('Resize', { mode: 'linear' }, 'x _ _ a'), constants: { a: [2, 5, 3, 3] } },
    ],
    ["Relu 'Relu_0' has attribute 'slope', which is not read", { lines: one('Relu', { slope: 2 }) }],
    [
      "Reshape 'Reshape_0' makes [7,-1] of [2,4,6,5], which does not divide into it; the file may expect inputs of another size",
      withConstants('Reshape', [[7, -1]]),
    ],
    ["Gather 'Gather_0' reads entry 9 of 4", withConstants('Gather', [[9]], { axis: 1 })],
    ["Slice 'Slice_0' has 1 starts, 2 ends", withConstants('Slice', [[0], [1, 2]])],
    ["Tile 'Tile_0' repeats 2 axes of 4", withConstants('Tile', [[1, 2]])],
    [
      "Range 'Range_3' wants an array of shape [1000000000000]",
      {
        lines: [
          ['Squeeze', 'a', 'p'],
          ['Squeeze', 'b', 'q'],
          ['Squeeze', 'c', 'r'],
          ['Range', 'p q r', 's'],
          ['Add', 'x s', 'y'],
        ],
        constants: { a: [0], b: [1e12], c: [1] },
      },
    ],
    [
      "SpaceToDepth 'SpaceToDepth_1' has an input of 2 axes",
      { lines: [['Flatten', 'x', 'f'], ...one('SpaceToDepth', { blocksize: 2 }, 'f')] },
    ],
  ])('%s', (sentence, graph) => {
    const run = (): unknown => importOnnx(file(graph)).predict(x);
    expect(run).toThrow(FormatError);
    expect(run).toThrow(sentence);
  });
});

test('what is learned of these becomes a parameter: slopes and scales', () => {
  const graph = withConstants('PRelu', [{ shape: [4, 1, 1] }]);
  expect([...importOnnx(file(graph)).namedParameters()].map(([name, p]) => [name, sizeOf(p.shape)])).toEqual([
    ['a', 4],
  ]);
  const norm = withConstants('GroupNormalization', [{ shape: [4] }, { shape: [4] }], { num_groups: 2 }, 21);
  expect([...importOnnx(file(norm)).parameters()].length).toBe(2);
});

test('damaged files of all of these give a tensor or an error of this library', () => {
  const x = images([1, 4, 6, 5]);
  for (const graph of Object.values(cases)) {
    fc.assert(
      fc.property(mutated(file(graph)), (damaged) => {
        try {
          scope(() => void importOnnx(damaged).predict(x));
        } catch (error) {
          if (!(error instanceof StridenetError)) throw error;
        }
      }),
      { numRuns: 20, seed: 1 },
    );
  }
});
