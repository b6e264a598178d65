import { describe, expect, test } from 'vitest';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { type Attributes, type Constant, file, type Graph, type Line } from './graphFile.js';
import { images, runOnnx } from './support.js';

/** One node on x and constants a, b, ...; x and y are cast where they are no floats. */
function one(op: string, attributes: Attributes = {}, list: Constant[] = [], opset = 13): Graph {
  const names = list.map((_, i) => 'abcdefgh'[i]);
  const constants = Object.fromEntries(names.map((name, i) => [name, list[i]]));
  return { lines: [[op, ['x', ...names].join(' '), 'y', attributes]], constants, opset };
}

/** The same, whose answers are no floats. */
function cast(graph: Graph): Graph {
  const lines = graph.lines.map(
    ([op, inputs, output, attributes]): Line => [op, inputs, output === 'y' ? 'r' : output, attributes],
  );
  return { ...graph, lines: [...lines, ['Cast', 'r', 'y', { to: 1 }]] };
}

const odd = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-5, -1e-5, 0.1234567, 3e38, -3e38, 1e-40, 70_000, -70_000];
const special = Tensor.from([...odd, Infinity, -Infinity, Number.NaN], [1, 20]);

/** The same shape and numbers: infinite and NaN ones alike, others within a part in a million, or of `slack` where sums are. */
function expectSame(actual: Tensor, expected: Tensor, slack = 0): void {
  expect(actual.shape).toEqual(expected.shape);
  const wrong = [...expected.data].flatMap((v, i) => {
    const got = actual.data[i];
    const same = Object.is(v, got) || v === got || Math.abs(v - got) <= 2e-6 * Math.abs(v) + slack;
    return same ? [] : [`${i}: ${got} instead of ${v}`];
  });
  expect(wrong).toEqual([]);
}

async function expectAsOnnxruntime(graph: Graph, x: Tensor, slack = 2e-6): Promise<void> {
  const bytes = file({ ...graph, shape: [...x.shape] });
  const expected = await runOnnx(bytes, x, { graphOptimizationLevel: 'disabled' });
  const model = importOnnx(bytes);
  expectSame(model.predict(x), expected, slack);
}

describe('exactly, on zeros, halves, tiny, huge, infinite and missing numbers', () => {
  const bound = (name: string, values: number[]): [string, Graph] => [`${name} of ${values}`, one(name, {}, values)];
  const cases: [string, Graph][] = [
    ...[
      [-65504, 65504],
      [-1000, 1000],
      [-3.4e38, 3.4e38],
      [-Infinity, 0.5],
      [1, -1],
      [0.1, 0.1],
    ].map((values) => bound('Clip', values)),
    ...[1000, -1000, 3e38, 1e-5, Infinity, -Infinity].flatMap((v) => [bound('Max', [v]), bound('Min', [v])]),
    ['Clip by attributes', one('Clip', { min: { float: -1000 }, max: { float: 1000 } }, [], 10)],
    ['Floor', one('Floor')],
    ['Ceil', one('Ceil')],
    ['Round', one('Round')],
    ['Erf', one('Erf')],
    ['IsNaN', cast(one('IsNaN'))],
    ['IsInf', cast(one('IsInf', { detect_negative: 0 }))],
    ['Greater', cast(one('Greater', {}, [0]))],
    ['GreaterOrEqual', cast(one('GreaterOrEqual', {}, [0.5]))],
    ['Less', cast(one('Less', {}, [0]))],
    ['LessOrEqual', cast(one('LessOrEqual', {}, [-0.5]))],
    ['Equal', cast(one('Equal', {}, [0]))],
    ['Cast to truth', cast(one('Cast', { to: 9 }))],
    [
      'Where, the other branch infinite or NaN',
      {
        lines: [
          ['Greater', 'x z', 'm'],
          ['Log', 'x', 'l'],
          ['Where', 'm l z', 'y'],
        ],
        constants: { z: 0 },
      },
    ],
    [
      'Where, dividing only by what is not 0',
      {
        lines: [
          ['Equal', 'x z', 'm'],
          ['Div', 'o x', 'q'],
          ['Where', 'm z q', 'y'],
        ],
        constants: { z: 0, o: 1 },
      },
    ],
    ['ThresholdedRelu', one('ThresholdedRelu', { alpha: { float: 0.5 } })],
    ['Shrink', one('Shrink', { lambd: { float: 1 }, bias: { float: 0.25 } })],
    ['Reciprocal, of what is not tiny', one('Reciprocal')],
  ];
  test.each(cases)('%s', async (name, graph) => {
    await expectAsOnnxruntime(graph, special, name === 'Erf' ? 3e-7 : 0);
  });

  test('Softplus does not vanish where it is small', async () => {
    await expectAsOnnxruntime(one('Softplus'), Tensor.from([-30, -20, -5, 0, 5, 20, 100], [1, 7]), 0);
  });
});

describe('on signals, [N, C, L]', () => {
  const w = { shape: [6, 4, 3] };
  const b = { shape: [6] };
  const cases: Record<string, Graph> = {
    Conv: one('Conv', { pads: [1, 2], strides: [2], dilations: [2] }, [w, b]),
    'Conv without attributes': one('Conv', {}, [w]),
    'Conv, SAME_LOWER': one('Conv', { auto_pad: 'SAME_LOWER', strides: [2] }, [w]),
    'Conv in groups': one('Conv', { group: 2 }, [{ shape: [6, 2, 3] }]),
    ConvTranspose: one('ConvTranspose', { strides: [2], pads: [1, 0] }, [{ shape: [4, 3, 3] }, { shape: [3] }]),
    MaxPool: one('MaxPool', { kernel_shape: [3], strides: [2], pads: [1, 1] }),
    AveragePool: one('AveragePool', { kernel_shape: [3], strides: [2], pads: [0, 1] }),
    GlobalAveragePool: one('GlobalAveragePool'),
    GlobalMaxPool: one('GlobalMaxPool'),
    BatchNormalization: one('BatchNormalization', {}, [
      { shape: [4] },
      { shape: [4] },
      { shape: [4] },
      { shape: [4], low: 0.5, high: 2 },
    ]),
    'Resize linear': {
      lines: [['Resize', 'x _ s', 'y', { mode: 'linear' }]],
      constants: { s: { shape: [3], values: [1, 1, 1.5] } },
    },
    'Resize nearest': {
      lines: [['Resize', 'x _ s', 'y', { mode: 'nearest' }]],
      constants: { s: { shape: [3], values: [1, 1, 2] } },
    },
  };
  test.each(Object.entries(cases))('%s', (_, graph) => expectAsOnnxruntime(graph, images([2, 4, 11])));
});

describe('transposed convolutions', () => {
  const w = { shape: [4, 3, 3, 2] };
  const b = { shape: [3] };
  const cases: [string, Attributes][] = [
    ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].flatMap((auto_pad) =>
      [
        [1, 1],
        [2, 2],
        [3, 1],
        [1, 2],
      ].map((strides): [string, Attributes] => [`${auto_pad}, strides ${strides}`, { auto_pad, strides }]),
    ),
    ['SAME_UPPER, dilated', { auto_pad: 'SAME_UPPER', strides: [2, 2], dilations: [2, 3] }],
    ['output_shape', { strides: [2, 2], output_shape: [12, 9] }],
    ['output_shape that is odd', { strides: [2, 2], output_shape: [11, 10] }],
    ['output_shape, SAME_UPPER', { strides: [2, 2], output_shape: [11, 8], auto_pad: 'SAME_UPPER' }],
    ['uneven pads', { strides: [2, 2], pads: [0, 1, 1, 0] }],
    ['uneven pads and output_padding', { strides: [3, 2], pads: [1, 0, 0, 1], output_padding: [2, 1] }],
    [
      'pads, output_padding, dilations',
      { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 0], dilations: [2, 2] },
    ],
  ];
  test.each(cases)('%s', (_, attributes) =>
    expectAsOnnxruntime(one('ConvTranspose', attributes, [w, b]), images([2, 4, 6, 5])),
  );
  test('SAME with a stride above the kernel is x times the stride: behind the stamps lies the bias', async () => {
    const x = images([1, 4, 3, 3]);
    const graph = one('ConvTranspose', { auto_pad: 'SAME_UPPER', strides: [3, 3] }, [w, b]);
    const y = importOnnx(file(graph)).predict(x);
    expect(y.shape).toEqual([1, 3, 9, 9]);
    const whole = one('ConvTranspose', { strides: [3, 3], output_padding: [0, 1] }, [w, b]);
    expectSame(y, await runOnnx(file({ ...whole, shape: [1, 4, 3, 3] }), x), 2e-6);
  });
  test('in groups', () =>
    expectAsOnnxruntime(
      one('ConvTranspose', { group: 2, auto_pad: 'SAME_LOWER', strides: [2, 2] }, [
        { shape: [4, 3, 3, 3] },
        { shape: [6] },
      ]),
      images([2, 4, 6, 5]),
    ));
});

describe('pooling', () => {
  const k = { kernel_shape: [3, 2] };
  const cases: [string, string, Attributes, number?][] = [
    ['MaxPool', 'dilated', { ...k, dilations: [2, 1] }],
    ['MaxPool', 'dilated, strides, pads', { ...k, dilations: [2, 2], strides: [2, 1], pads: [1, 0, 2, 1] }],
    ['MaxPool', 'dilated, ceil', { ...k, dilations: [2, 2], strides: [2, 2], ceil_mode: 1 }],
    ['MaxPool', 'uneven pads, ceil', { ...k, strides: [2, 2], pads: [0, 0, 1, 1], ceil_mode: 1 }],
    ['MaxPool', 'SAME_UPPER', { ...k, strides: [2, 2], auto_pad: 'SAME_UPPER' }],
    ['MaxPool', 'SAME_LOWER', { ...k, strides: [2, 2], auto_pad: 'SAME_LOWER' }],
    ['AveragePool', 'uneven pads', { ...k, pads: [0, 0, 1, 1] }],
    ['AveragePool', 'uneven pads, counted', { ...k, pads: [0, 0, 1, 1], count_include_pad: 1 }],
    ['AveragePool', 'ceil', { ...k, strides: [2, 2], ceil_mode: 1 }, 19],
    ['AveragePool', 'uneven pads, ceil', { ...k, strides: [2, 2], pads: [0, 0, 1, 1], ceil_mode: 1 }, 19],
    [
      'AveragePool',
      'pads, ceil, counted',
      { ...k, strides: [2, 2], pads: [1, 0, 1, 1], ceil_mode: 1, count_include_pad: 1 },
      19,
    ],
    ['AveragePool', 'dilated', { ...k, dilations: [2, 2] }, 19],
    ['AveragePool', 'dilated, pads', { ...k, dilations: [2, 2], pads: [1, 1, 0, 1] }, 19],
    [
      'AveragePool',
      'dilated, pads, counted',
      { ...k, dilations: [2, 2], pads: [1, 1, 0, 1], count_include_pad: 1 },
      19,
    ],
    ['AveragePool', 'SAME_LOWER', { ...k, strides: [2, 2], auto_pad: 'SAME_LOWER' }],
    ['LpPool', 'p 2', { ...k, strides: [2, 2] }],
    ['LpPool', 'p 3, pads', { ...k, p: 3, pads: [1, 0, 1, 1] }],
    ['LpPool', 'dilated', { ...k, dilations: [2, 1] }, 18],
    ['GlobalLpPool', 'p 3', { p: 3 }],
  ];
  test.each(cases)('%s: %s', (op, _, attributes, opset = 13) =>
    expectAsOnnxruntime(one(op, attributes, [], opset), images([2, 4, 7, 6])),
  );
});

describe('nearest pixels by fractional scales', () => {
  const resize = (scales: number[], attributes: Attributes = {}): Graph => ({
    lines: [
      [
        'Resize',
        'x _ s',
        'y',
        { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor', ...attributes },
      ],
    ],
    constants: { s: { shape: [4], values: [1, 1, ...scales] } },
  });
  const scales = [1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.9, 2.2, 2.4, 2.6, 3.3, 0.3, 0.5, 0.6, 0.7, 0.9];
  test.each(scales)('%f, as PyTorch exports', async (scale) => {
    for (const size of [5, 15, 24]) await expectAsOnnxruntime(resize([scale, scale]), images([1, 1, size, size]), 0);
  });
  test.each(scales)('%f, in Upsample of versions 7, 8 and 9', async (scale) => {
    const x = images([1, 2, 15, 7]);
    const factors = [1, 1, scale, Math.max(1, scale)];
    if (scale < 1) return;
    for (const opset of [7, 8]) {
      const graph = one('Upsample', { mode: 'nearest', scales: { floats: factors } }, [], opset);
      await expectAsOnnxruntime(graph, x, 0);
    }
    await expectAsOnnxruntime(one('Upsample', { mode: 'nearest' }, [{ shape: [4], values: factors }], 9), x, 0);
    await expectAsOnnxruntime(one('Upsample', { mode: 'linear' }, [{ shape: [4], values: factors }], 9), x);
    await expectAsOnnxruntime(one('Resize', { mode: 'nearest' }, [{ shape: [4], values: factors }], 10), x, 0);
  });
  test('infinite pixels stay beside finite ones', async () => {
    const x = Tensor.from([Infinity, 1, -1, Number.NaN], [1, 1, 2, 2]);
    await expectAsOnnxruntime(resize([1.5, 2.5]), x, 0);
  });
  test('axes that are named, and ratios that are kept', async () => {
    const graph = (policy: string): Graph => ({
      lines: [['Resize', 'x _ _ s', 'y', { mode: 'nearest', axes: [2, 3], keep_aspect_ratio_policy: policy }]],
      constants: { s: [9, 8] },
      opset: 18,
    });
    for (const policy of ['stretch', 'not_larger', 'not_smaller']) {
      await expectAsOnnxruntime(graph(policy), images([1, 2, 6, 5]), 0);
    }
  });
});

describe('choices', () => {
  const cases: Record<string, Graph> = {
    ArgMax: cast(one('ArgMax', { axis: 1 })),
    'ArgMax, the last': cast(one('ArgMax', { axis: -1, keepdims: 0, select_last_index: 1 })),
    ArgMin: cast(one('ArgMin', { axis: 2 })),
    'TopK, values': { lines: [['TopK', 'x k', 'y i', { axis: 1 }]], constants: { k: [3] } },
    'TopK, places of the least': {
      lines: [
        ['TopK', 'x k', 'v i', { axis: -1, largest: 0 }],
        ['Cast', 'i', 'y', { to: 1 }],
      ],
      constants: { k: [2] },
    },
    CumSum: one('CumSum', {}, [[2]]),
    'CumSum, reverse and exclusive': one('CumSum', { reverse: 1, exclusive: 1 }, [[-1]]),
    GatherElements: {
      lines: [
        ['ArgMax', 'x', 'i', { axis: 3 }],
        ['GatherElements', 'x i', 'y', { axis: 3 }],
      ],
    },
    Trilu: one('Trilu', {}, [], 14),
    'Trilu, lower, of a diagonal': {
      lines: [
        ['Squeeze', 'a', 'k'],
        ['Trilu', 'x k', 'y', { upper: 0 }],
      ],
      constants: { a: [1] },
      opset: 14,
    },
    ReduceProd: one('ReduceProd', { axes: [1, 3], keepdims: 0 }),
    Mod: one('Mod', { fmod: 1 }, [0.3]),
    Sin: one('Sin'),
    Cos: one('Cos'),
    Tan: one('Tan'),
    Asin: one('Asin'),
    Atan: one('Atan'),
    Sinh: one('Sinh'),
    Asinh: one('Asinh'),
    MeanVarianceNormalization: one('MeanVarianceNormalization'),
    'MeanVarianceNormalization over axes': one('MeanVarianceNormalization', { axes: [1, 2, 3] }),
    'LpNormalization, 1': one('LpNormalization', { axis: 1, p: 1 }),
    'LpNormalization, 2': one('LpNormalization', {}),
    CastLike: { ...one('CastLike', {}, [1], 15) },
    'Cast to whole numbers, whose quotients are whole': {
      lines: [
        ['Mul', 'x a', 'p'],
        ['Cast', 'p', 'q', { to: 7 }],
        ['Reshape', 'q s', 'r'],
        ['Div', 'r d', 't'],
        ['Cast', 't', 'y', { to: 1 }],
      ],
      constants: { a: 30, d: [7], s: [2, -1] },
    },
    'And, Or, Xor and Not': {
      lines: [
        ['Greater', 'x z', 'a'],
        ['Less', 'x h', 'b'],
        ['And', 'a b', 'c'],
        ['Xor', 'c a', 'd'],
        ['Or', 'd c', 'e'],
        ['Not', 'e', 'f'],
        ['Cast', 'f', 'y', { to: 1 }],
      ],
      constants: { z: 0, h: 0.5 },
    },
    'LayerNormalization over several axes': one(
      'LayerNormalization',
      { axis: 2 },
      [{ shape: [6, 5] }, { shape: [6, 5] }],
      17,
    ),
    'LRN wider than all channels': one('LRN', { size: 21, alpha: { float: 0.1 } }),
    'Gemm, transposed, with a matrix': {
      lines: [
        ['Flatten', 'x', 'f'],
        ['Gemm', 'f a b', 'y', { transB: 1, alpha: { float: 0.5 } }],
      ],
      constants: { a: { shape: [3, 120] }, b: { shape: [2, 3] } },
    },
    'PRelu of channels': one('PRelu', {}, [{ shape: [4, 1, 1] }]),
    Swish: {
      lines: [
        ['Sigmoid', 'x', 's'],
        ['Mul', 'x s', 'y'],
      ],
    },
  };
  test.each(Object.entries(cases))('%s', (_, graph) => expectAsOnnxruntime(graph, images([2, 4, 6, 5])));
});

describe('before version 7', () => {
  const x = images([2, 3, 2, 3]);
  const names = ['Add', 'Sub', 'Mul', 'Div'] as const;
  test.each(names)('%s stretches its second operand from an axis on', async (op) => {
    const old = one(op, { broadcast: 1, axis: 1 }, [{ shape: [3], low: 1, high: 2 }], 6);
    const now = one(op, {}, [{ shape: [3, 1, 1], low: 1, high: 2 }]);
    expectSame(importOnnx(file(old)).predict(x), await runOnnx(file({ ...now, shape: [2, 3, 2, 3] }), x));
    const last = one(op, { broadcast: 1 }, [{ shape: [2, 3], low: 1, high: 2 }], 6);
    const same = one(op, {}, [{ shape: [2, 3], low: 1, high: 2 }]);
    expectSame(importOnnx(file(last)).predict(x), await runOnnx(file({ ...same, shape: [2, 3, 2, 3] }), x));
  });
  test('PRelu has a slope for each channel', async () => {
    const square = images([1, 3, 3, 3]);
    const old = importOnnx(file(one('PRelu', {}, [{ shape: [3] }], 6)));
    const now = file({ ...one('PRelu', {}, [{ shape: [3, 1, 1] }]), shape: [1, 3, 3, 3] });
    expectSame(old.predict(square), await runOnnx(now, square));
  });
  test('an axis that does not fit is an error', () => {
    const bad = file(one('Add', { broadcast: 1, axis: 3 }, [{ shape: [3, 1] }], 6));
    expect(() => importOnnx(bad).predict(x)).toThrow('stretches [3,1] to [2,3,2,3] from axis 3 on');
  });
});

describe('quantized', () => {
  const int8 = (shape: number[], step = 37): Constant => ({
    shape,
    type: 'int8',
    values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * step) % 129) - 64),
  });
  const scalar = (type: 'uint8' | 'int8', value: number): Constant => ({ shape: [], type, values: [value] });
  const scales = (n: number): Constant => ({ shape: [n], values: Array.from({ length: n }, (_, i) => 0.01 * (i + 1)) });
  const zeros = (n: number): Constant => ({ shape: [n], type: 'int8', values: new Array<number>(n).fill(0) });
  const cases: Record<string, Graph> = {
    'weights, a scale for each channel': {
      lines: [
        ['DequantizeLinear', 'w s z', 'wd', { axis: 0 }],
        ['Conv', 'x wd b', 'y', { pads: [1, 1, 1, 1] }],
      ],
      constants: { w: int8([6, 4, 3, 3]), s: scales(6), z: zeros(6), b: { shape: [6] } },
    },
    'weights with a zero point, transposed into a Gemm': {
      lines: [
        ['Flatten', 'x', 'f'],
        ['DequantizeLinear', 'w s z', 'wd'],
        ['Transpose', 'wd', 'wt', { perm: [1, 0] }],
        ['Gemm', 'f wt', 'y', { transB: 1 }],
      ],
      constants: { w: int8([120, 3]), s: 0.02, z: scalar('int8', 7) },
    },
    'images, and weights': {
      lines: [
        ['QuantizeLinear', 'x sx zx', 'q'],
        ['DequantizeLinear', 'q sx zx', 'd'],
        ['DequantizeLinear', 'w s z', 'wd', { axis: 0 }],
        ['Conv', 'd wd', 'c'],
        ['QuantizeLinear', 'c sy zy', 'e'],
        ['DequantizeLinear', 'e sy zy', 'y'],
      ],
      constants: {
        w: int8([6, 4, 3, 3]),
        s: scales(6),
        z: zeros(6),
        ...{ sx: 0.0077, zx: scalar('uint8', 128), sy: 0.03, zy: scalar('int8', -3) },
      },
    },
    'QuantizeLinear for each channel': {
      lines: [
        ['QuantizeLinear', 'x s z', 'q', { axis: 1 }],
        ['Cast', 'q', 'y', { to: 1 }],
      ],
      constants: { s: scales(4), z: { shape: [4], type: 'uint8', values: [0, 10, 128, 255] } },
    },
    'DynamicQuantizeLinear and ConvInteger': {
      lines: [
        ['DynamicQuantizeLinear', 'x', 'q sq zq'],
        ['ConvInteger', 'q w zq', 'i', { pads: [1, 1, 1, 1] }],
        ['Cast', 'i', 'f', { to: 1 }],
        ['Mul', 'sq sw', 's'],
        ['Mul', 'f s', 'y'],
      ],
      constants: { w: int8([6, 4, 3, 3]), sw: 0.02 },
    },
    'DynamicQuantizeLinear and MatMulInteger': {
      lines: [
        ['Flatten', 'x', 'f'],
        ['DynamicQuantizeLinear', 'f', 'q sq zq'],
        ['MatMulInteger', 'q w zq zw', 'i'],
        ['Cast', 'i', 'g', { to: 1 }],
        ['Mul', 'g sq', 'y'],
      ],
      constants: { w: int8([120, 5]), zw: scalar('int8', 3) },
    },
    QLinearConv: {
      lines: [
        ['QuantizeLinear', 'x sx zx', 'q'],
        ['QLinearConv', 'q sx zx w s z sy zy b', 'r', { pads: [1, 1, 1, 1], strides: [2, 2] }],
        ['DequantizeLinear', 'r sy zy', 'y'],
      ],
      constants: {
        w: int8([6, 4, 3, 3]),
        s: scales(6),
        z: zeros(6),
        b: { shape: [6], type: 'int32', values: [100, -100, 50, 0, 7, 1000] },
        ...{ sx: 0.0077, zx: scalar('uint8', 128), sy: 0.05, zy: scalar('uint8', 100) },
      },
    },
    QLinearMatMul: {
      lines: [
        ['Flatten', 'x', 'f'],
        ['QuantizeLinear', 'f sx zx', 'q'],
        ['QLinearMatMul', 'q sx zx w s z sy zy', 'r'],
        ['DequantizeLinear', 'r sy zy', 'y'],
      ],
      constants: {
        w: int8([120, 5]),
        ...{ s: 0.02, z: scalar('int8', 0), sx: 0.0077, zx: scalar('uint8', 128), sy: 0.05, zy: scalar('uint8', 100) },
      },
    },
  };
  test.each(Object.entries(cases))('%s', (_, graph) => expectAsOnnxruntime(graph, images([2, 4, 6, 5]), 2e-5));

  test('halves go to the even number', async () => {
    const x = Tensor.from([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 300, -300], [1, 8]);
    const graph: Graph = {
      lines: [
        ['QuantizeLinear', 'x s z', 'q'],
        ['Cast', 'q', 'y', { to: 1 }],
      ],
      constants: { s: 1, z: scalar('int8', 1) },
    };
    await expectAsOnnxruntime(graph, x, 0);
  });

  test('weights become parameters, which learn', () => {
    const model = importOnnx(file(cases['weights, a scale for each channel'])).train();
    expect([...model.namedParameters()].map(([name, p]) => [name, p.shape])).toEqual([
      ['b', [6]],
      ['wd', [6, 4, 3, 3]],
    ]);
    const x = images([1, 4, 6, 5]);
    const gradients = withTape((tape) =>
      tape.gradient(model.forward(x), [...model.parameters()]).map((g) => g.data.some((v) => v !== 0)),
    );
    expect(gradients).toEqual([true, true]);
  });
});

describe('what was read is written again', () => {
  const graphs: Record<string, Graph> = {
    Clip: one('Clip', {}, [-0.3, 0.4]),
    Where: {
      lines: [
        ['Greater', 'x z', 'm'],
        ['Where', 'm x b', 'y'],
      ],
      constants: { z: 0, b: { shape: [4, 1, 1] } },
    },
    'Max and Min': {
      lines: [
        ['Max', 'x a', 'p'],
        ['Min', 'p b', 'y'],
      ],
      constants: { a: -0.3, b: 0.4 },
    },
    'Dilated MaxPool': one('MaxPool', { kernel_shape: [2, 2], dilations: [2, 2] }),
    'Strided Slice': one('Slice', {}, [[0], [6], [2], [2]]),
    Floor: one('Floor'),
    ArgMax: cast(one('ArgMax', { axis: 1 })),
    QuantizeLinear: cast(one('QuantizeLinear', {}, [0.05, { shape: [], type: 'uint8', values: [128] }])),
    CumSum: one('CumSum', {}, [[2]]),
  };
  test.each(Object.entries(graphs))('%s', async (_, graph) => {
    const model = importOnnx(file(graph));
    const again = exportOnnx(model, [2, 4, 6, 5]);
    const x = images([3, 4, 6, 5]);
    expectSame(await runOnnx(again, x), model.predict(x));
    expectSame(importOnnx(again).predict(x), model.predict(x));
  });
});
