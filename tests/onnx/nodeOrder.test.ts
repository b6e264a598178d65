import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/base/errors.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importOnnx } from '../../src/onnx/index.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { file, type Graph } from './graphFile.js';

const chain: Graph = {
  lines: [
    ['Neg', 'x', 'a'],
    ['Exp', 'a', 'b'],
    ['Add', 'a b', 'c'],
    ['Sqrt', 'b', 'd'],
    ['Mul', 'c d', 'y'],
  ],
};
const x = Tensor.from([0.5, -1, 2], [1, 3]);
const right = importOnnx(file(chain)).predict(x).toArray();

describe('the order of nodes', () => {
  test('does not matter', () => {
    for (const order of [
      [4, 3, 2, 1, 0],
      [2, 0, 4, 1, 3],
      [1, 4, 0, 3, 2],
    ]) {
      const lines = order.map((i) => chain.lines[i]);
      expect(importOnnx(file({ lines })).predict(x).toArray()).toEqual(right);
    }
  });

  test('may not be a circle, which is named', () => {
    const lines: Graph['lines'] = [
      ['Add', 'x c', 'a'],
      ['Neg', 'a', 'b'],
      ['Exp', 'b', 'c'],
      ['Relu', 'c', 'y'],
    ];
    expect(() => importOnnx(file({ lines }))).toThrow(FormatError);
    expect(() => importOnnx(file({ lines }))).toThrow(
      "importOnnx: Add 'Add_0', Exp 'Exp_2', Neg 'Neg_1': each of these nodes needs what the next one makes",
    );
    expect(() => importOnnx(file({ lines: [['Add', 'x y', 'y']] }))).toThrow('a circle');
  });

  test('holds for a hundred thousand of them', () => {
    const length = 100_000;
    const lines = Array.from({ length }, (_, i): Graph['lines'][number] => [
      'Neg',
      i === 0 ? 'x' : `v${i}`,
      i === length - 1 ? 'y' : `v${i + 1}`,
    ]);
    const started = performance.now();
    expect(importOnnx(file({ lines: lines.reverse() }))).toBeDefined();
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('no value is made twice', () => {
    const lines: Graph['lines'] = [
      ['Neg', 'x', 'y'],
      ['Exp', 'x', 'y'],
    ];
    expect(() => importOnnx(file({ lines }))).toThrow("importOnnx: nodes Neg 'Neg_0' and Exp 'Exp_1' both make 'y'.");
  });
});

describe('inputs', () => {
  const model = decodeModel(
    file({
      lines: [
        ['Relu', 'x', 'y'],
        ['Add', 'y label', 'loss'],
      ],
    }),
  );
  model.graph.inputs.push({ name: 'label', elementType: 1, shape: null });
  model.graph.outputs.push({ name: 'loss', elementType: 1, shape: null });
  const bytes = encodeModel(model);

  test('that the wanted output does not depend on are left out', () => {
    expect(importOnnx(bytes).predict(x).toArray()).toEqual([[0.5, 0, 2]]);
    expect(importOnnx(bytes, { output: 'y' }).predict(x).toArray()).toEqual([[0.5, 0, 2]]);
  });

  test('are named where the output depends on several', () => {
    expect(() => importOnnx(bytes, { output: 'loss' })).toThrow(
      "the output 'loss' depends on 2 inputs ('x', 'label'), but a module takes one.",
    );
  });
});
