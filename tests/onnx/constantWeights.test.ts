import { describe, expect, test } from 'vitest';
import { decodeModel } from '../../src/onnx/decode.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';
import { withTape } from '../../src/tensor/tape.js';
import { file, type Graph } from './graphFile.js';
import { expectClose, images, runOnnx } from './support.js';

/** A small network as PaddlePaddle writes it: every weight in a Constant node, biases reshaped and added. */
const paddle: Graph = {
  lines: [
    ['Conv', 'x conv2d_0.w_0', 'c', { pads: [1, 1, 1, 1] }],
    ['Reshape', 'conv2d_0.b_0 shape', 'r'],
    ['Add', 'c r', 'd'],
    ['BatchNormalization', 'd bn.w_0 bn.b_0 bn.w_1 bn.w_2', 'e'],
    ['Relu', 'e', 'f'],
    ['GlobalAveragePool', 'f', 'g'],
    ['Flatten', 'g', 'h'],
    ['Identity', 'linear_0.w_0', 'w'],
    ['MatMul', 'h w', 'i'],
    ['Add', 'i linear_0.b_0', 'j'],
    ['Mul', 'j half', 'y'],
  ],
  constants: {
    'conv2d_0.w_0': { shape: [6, 4, 3, 3] },
    'conv2d_0.b_0': { shape: [6] },
    shape: [1, -1, 1, 1],
    'bn.w_0': { shape: [6] },
    'bn.b_0': { shape: [6] },
    'bn.w_1': { shape: [6] },
    'bn.w_2': { shape: [6], low: 0.5, high: 2 },
    'linear_0.w_0': { shape: [6, 3] },
    'linear_0.b_0': { shape: [3] },
    half: { shape: [1], values: [0.5] },
  },
};
const inNodes = Object.keys(paddle.constants ?? {});
const bytes = file({ ...paddle, inNodes });
const x = images([2, 4, 6, 5]);

describe('weights in Constant nodes', () => {
  test('are parameters and buffers, as in initializers', () => {
    const model = importOnnx(bytes);
    const names = ['bn.b_0', 'bn.w_0', 'conv2d_0.b_0', 'conv2d_0.w_0', 'linear_0.b_0', 'linear_0.w_0'];
    expect([...model.namedParameters()].map(([name]) => name).sort()).toEqual(names);
    expect([...model.stateDict().keys()].sort()).toEqual([...names, 'bn.w_1', 'bn.w_2'].sort());
    expect([...importOnnx(file(paddle)).stateDict().keys()].sort()).toEqual([...model.stateDict().keys()].sort());
  });

  test('give the same values, learn, and are saved', async () => {
    const model = importOnnx(bytes);
    expectClose(model.predict(x), await runOnnx(bytes, x));
    const parameters = [...model.parameters()];
    const reached = withTape((tape) =>
      tape.gradient(model.forward(x), parameters).map((g) => g.data.some((v) => v !== 0)),
    );
    expect(reached).toEqual(parameters.map(() => true));
    const other = importOnnx(bytes);
    for (const p of other.parameters()) p.data.fill(0);
    other.loadStateDict(model.stateDict());
    expectClose(other.predict(x), model.predict(x));
    expectClose(importOnnx(exportOnnx(model, [1, 4, 6, 5])).predict(x), model.predict(x));
  });

  test('get the name of the layer where the file only numbers them', () => {
    const lines: Graph['lines'] = [
      ['Conv', 'x Constant_3 /c/Constant_output_0', 'c'],
      ['Conv', 'c 17', 'y'],
    ];
    const constants = {
      Constant_3: { shape: [6, 4, 1, 1] },
      '/c/Constant_output_0': { shape: [6] },
      '17': { shape: [2, 6, 1, 1] },
    };
    const model = importOnnx(file({ lines, constants, inNodes: Object.keys(constants) }));
    expect([...model.stateDict().keys()]).toEqual(['Conv_1.weight', 'Conv_0.weight', 'Conv_0.bias']);
  });

  test('are fixed numbers where a file has its weights in initializers', () => {
    const lines: Graph['lines'] = [
      ['Sub', 'x mean', 'a'],
      ['Conv', 'a w', 'y'],
    ];
    const constants = { mean: { shape: [1, 4, 1, 1] }, w: { shape: [6, 4, 1, 1] } };
    const model = importOnnx(file({ lines, constants, inNodes: ['mean'] }));
    expect([...model.stateDict().keys()]).toEqual(['w']);
  });

  test('of this library are what is never learned, and stay so', () => {
    const once = exportOnnx(importOnnx(file(paddle)), [1, 4, 6, 5]);
    const names = [...importOnnx(once).stateDict().keys()].sort();
    expect(names).toEqual([...importOnnx(file(paddle)).stateDict().keys()].sort());
    expect(decodeModel(once).producerName).toBe('stridenet');
  });
});
