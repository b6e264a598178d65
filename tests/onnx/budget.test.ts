import { describe, expect, test } from 'vitest';
import { ArgumentError, FormatError, OutOfMemoryError, type StridenetError } from '../../src/base/errors.js';
import { memoryInfo, resetPeak } from '../../src/memory/memory.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importOnnx } from '../../src/onnx/index.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { file, type Graph, tensor } from './graphFile.js';
import { images } from './support.js';

const x = images([1, 4, 6, 5]);

/** Runs a file that wants too much: an error of ours, soon, before the heap has grown by much. */
function expectRefused(graph: Graph, sentence: string | RegExp, kind: typeof StridenetError = FormatError): void {
  const before = memoryInfo().liveBytes;
  resetPeak();
  const started = performance.now();
  const run = (): unknown => importOnnx(file(graph)).predict(x);
  expect(run).toThrow(kind);
  expect(run).toThrow(sentence);
  expect(performance.now() - started).toBeLessThan(4000);
  expect(memoryInfo().peakBytes - before).toBeLessThan(2 ** 27 + 2 ** 22);
}

describe('a graph that asks for more than it is worth', () => {
  test.each<[string, Graph, string | RegExp]>([
    [
      'an empty array of a long axis',
      {
        lines: [
          ['Slice', 'w a b', 's'],
          ['Add', 'x s', 'y'],
        ],
        constants: { w: { shape: [1e9, 0], values: [] }, a: [0], b: [1] },
      },
      "tensor 'w' [1000000000, 0] wants an array of shape [1000000000, 0]",
    ],
    [
      'constants by a shape',
      {
        lines: [
          ['ConstantOfShape', 's', 'c'],
          ['Add', 'x c', 'y'],
        ],
        constants: { s: [1e6, 1e6] },
      },
      'wants an array of shape [1000000, 1000000]',
    ],
    [
      'an Expand',
      {
        lines: [
          ['ReduceMean', 'x', 'm'],
          ['Expand', 'm s', 'y'],
        ],
        constants: { s: [4000, 4000, 4000] },
      },
      "Expand 'Expand_1' wants an array of shape [1, 4000, 4000, 4000]",
    ],
    [
      'a Tile',
      { lines: [['Tile', 'x s', 'y']], constants: { s: [1, 1, 1, 1e9] } },
      'wants an array of shape [1, 4, 6, 5000000000]',
    ],
    ['a Pad', { lines: [['Pad', 'x s', 'y']], constants: { s: [0, 0, 0, 0, 0, 0, 5e8, 0] } }, 'Pad_0'],
    [
      'pads of a Conv',
      { lines: [['Conv', 'x w', 'y', { pads: [5e8, 5e8, 5e8, 5e8] }]], constants: { w: { shape: [1, 4, 1, 1] } } },
      'Conv_0',
    ],
    [
      'strides of a ConvTranspose',
      { lines: [['ConvTranspose', 'x w', 'y', { strides: [5e8, 1] }]], constants: { w: { shape: [4, 1, 1, 1] } } },
      'ConvTranspose_0',
    ],
    [
      'a Resize',
      {
        lines: [['Resize', 'x _ s', 'y', { mode: 'nearest' }]],
        constants: { s: { shape: [4], values: [1, 1, 1e5, 1e5] } },
      },
      'Resize_0',
    ],
    [
      'pads of a MaxPool, and a window as large',
      { lines: [['MaxPool', 'x', 'y', { kernel_shape: [2000, 2000], pads: [1999, 1999, 1999, 1999] }]] },
      /Pass a larger maxMemory/,
    ],
  ])('%s', (_, graph, sentence) => expectRefused(graph, sentence));

  test('many values that double one another', () => {
    const lines = Array.from({ length: 60 }, (_, i): Graph['lines'][number] => [
      'Concat',
      i === 0 ? 'x x' : `v${i} v${i}`,
      i === 59 ? 'y' : `v${i + 1}`,
      { axis: 1 },
    ]);
    expectRefused({ lines }, /node Concat '.*past the limit/, OutOfMemoryError);
  });

  test('the product of two columns', () => {
    const lines: Graph['lines'] = [
      ['Reshape', 'x a', 'p'],
      ['Tile', 'p t', 'q'],
      ['Reshape', 'q a', 'r'],
      ['Reshape', 'r b', 's'],
      ['Mul', 'r s', 'y'],
    ];
    expectRefused(
      { lines, constants: { a: [-1, 1], b: [1, -1], t: [1, 400] } },
      /node Mul 'Mul_4': mul: out of memory: asked for/,
      OutOfMemoryError,
    );
  });
});

describe('maxMemory', () => {
  const model = (n: number): Uint8Array =>
    file({
      lines: [
        ['ReduceMean', 'x', 'm'],
        ['Expand', 'm s', 'y'],
      ],
      constants: { s: [n] },
    });

  test('allows more or less', () => {
    expect(importOnnx(model(2 ** 20)).predict(x).size).toBe(2 ** 20);
    expect(() => importOnnx(model(2 ** 20), { maxMemory: 2 ** 20 }).predict(x)).toThrow(
      'the limit is 1048576. Pass a larger maxMemory',
    );
    const much = importOnnx(model(2 ** 26), { maxMemory: 2 ** 30 }).predict(x);
    expect(much.size).toBe(2 ** 26);
    much.dispose();
  });

  test('grows with the input', () => {
    const lines: Graph['lines'] = [['Concat', Array.from({ length: 200 }, () => 'x').join(' '), 'y', { axis: 1 }]];
    const big = Tensor.zeros([1, 4, 300, 300]);
    const y = importOnnx(file({ lines })).predict(big);
    expect(y.size).toBe(200 * big.size);
    y.dispose();
  });

  test('is a whole number', () => {
    expect(() => importOnnx(model(1), { maxMemory: 0 })).toThrow(ArgumentError);
  });
});

test('a matrix of ones that a shape makes is read as weights are: 4,096 x 4,096 in a file of 150 bytes', () => {
  const bytes = encodeModel({
    ...{ irVersion: 8, producerName: '', producerVersion: '', opset: 9 },
    graph: {
      name: 'g',
      nodes: [
        {
          ...{ name: '', opType: 'ConstantOfShape', domain: '', inputs: ['s'], outputs: ['w'] },
          attributes: new Map([['value', { type: 4, value: tensor('v', { shape: [1], values: [0.5] }) }]]),
        },
        {
          ...{ name: '', opType: 'Gemm', domain: '', inputs: ['x', 'w'], outputs: ['y'] },
          attributes: new Map([['transB', { type: 2, value: 1 }]]),
        },
      ],
      initializers: [tensor('s', [4096, 4096])],
      inputs: [{ name: 'x', elementType: 1, shape: [1, 4096] }],
      outputs: [{ name: 'y', elementType: 1, shape: null }],
    },
  });
  const y = importOnnx(bytes).predict(Tensor.ones([1, 4096]));
  expect(y.data.every((v) => v === 2048)).toBe(true);
});
