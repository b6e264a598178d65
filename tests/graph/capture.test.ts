import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArgumentError, CaptureError, ShapeError } from '../../src/base/errors.js';
import { manualSeed, randomState } from '../../src/base/random.js';
import { capture } from '../../src/graph/capture.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Linear } from '../../src/layers/linear.js';
import { Module } from '../../src/layers/module.js';
import { Sequential } from '../../src/layers/sequential.js';
import { memoryInfo } from '../../src/memory/memory.js';
import { createModel, listModels } from '../../src/models/index.js';
import { add } from '../../src/tensor/ops/math/add.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { randn } from '../../src/tensor/ops/math/random.js';
import { globalAvgPool2d } from '../../src/tensor/ops/nn/globalAvgPool2d.js';
import { relu } from '../../src/tensor/ops/nn/relu.js';
import { keep, Tensor } from '../../src/tensor/tensor.js';

beforeEach(() => manualSeed(1));

class Net extends Module {
  conv1 = new Conv2d(3, 4, 3, { padding: 1, bias: false });
  bn1 = new BatchNorm2d(4);
  fc = new Linear(4, 10);

  forward(x: Tensor): Tensor {
    return this.fc.forward(globalAvgPool2d(relu(this.bn1.forward(this.conv1.forward(x)))));
  }
}

/** A model with a forward of its own. */
function modelOf(forward: (x: Tensor) => unknown): Module {
  return new (class Odd extends Module {
    forward(x: Tensor): Tensor {
      return forward(x) as Tensor;
    }
  })();
}

describe('a captured graph', () => {
  it('has the operations in order, with the weights they read and the module they come from', () => {
    const graph = capture(new Net(), [2, 3, 8, 8]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['conv2d', 'batchNorm2d', 'relu', 'globalAvgPool2d', 'linear']);
    expect(graph.nodes.map((node) => graph.moduleOf(node))).toEqual(['conv1', 'bn1', '', '', 'fc']);
    const names = graph.nodes.map(({ inputs }) => inputs.map((v) => graph.values[v].name).filter((n) => n !== null));
    expect(names).toEqual([
      ['conv1.weight'],
      ['bn1.weight', 'bn1.bias', 'bn1.running_mean', 'bn1.running_var'],
      [],
      [],
      ['fc.weight', 'fc.bias'],
    ]);
    expect(graph.shapeOf(graph.nodes[0].outputs[0])).toEqual([2, 4, 8, 8]);
    expect(graph.outputs.map((v) => graph.shapeOf(v))).toEqual([[2, 10]]);
    expect(graph.values.filter(({ kind }) => kind === 'buffer').map(({ name }) => name)).toEqual([
      'bn1.running_mean',
      'bn1.running_var',
    ]);
  });

  it('prints as text, JSON, Mermaid and Graphviz', () => {
    const graph = capture(new Net(), [1, 3, 8, 8]);
    expect(String(graph)).toMatch(/^Net \[1, 3, 8, 8\] -> \[1, 10\]\n/);
    expect(String(graph)).toContain('= conv2d(input, conv1.weight) {kernelHeight=3 kernelWidth=3 padTop=1 padLeft=1}');
    const json = JSON.parse(JSON.stringify(graph));
    expect(json.nodes[0]).toMatchObject({ op: 'conv2d', module: 'conv1', attributes: { kernelHeight: 3 } });
    expect(json.values).toHaveLength(graph.values.length);
    expect(graph.toMermaid()).toContain('n0["conv1 Conv2d<br/>[1, 4, 8, 8]"]');
    expect(graph.toDot({ depth: 1 })).toContain('input -> n0;');
  });

  it('says how the kernels compute each operation', () => {
    const [conv] = capture(new Net(), [1, 3, 8, 8]).nodes;
    expect(conv.kernels.map(({ name }) => name)).toEqual(['conv2d']);
    expect(conv.kernels[0].flops).toBe(2 * 4 * 64 * 27);
  });

  it('leaves the model, the random streams and the memory as they were', () => {
    const model = new Net();
    const before = [randomState(), memoryInfo().liveBytes];
    capture(model, [64, 3, 224, 224]);
    expect([randomState(), memoryInfo().liveBytes]).toEqual(before);
    expect(model.training && model.bn1.training).toBe(true);
    expect(Object.hasOwn(model.conv1, 'forward')).toBe(false);
  });

  it('follows numbers that forward makes itself', () => {
    const graph = capture(
      modelOf((x) => mul(add(x, 2), Tensor.from([1, 2, 3]))),
      [2, 3],
    );
    const constants = graph.values.filter(({ kind }) => kind === 'constant');
    expect(constants.map(({ id }) => graph.tensors.get(id)?.toArray())).toEqual([2, [1, 2, 3]]);
  });
});

describe('what cannot be captured', () => {
  it.each<[string, (x: Tensor) => unknown]>([
    ['data', (x) => (x.data[0] > 0 ? relu(x) : x)],
    ['item()', (x) => (relu(x).item() > 0 ? relu(x) : x)],
    ['toArray()', (x) => Tensor.from(x.toArray(2))],
    ['the data of a weight', (x) => mul(x, new Linear(1, 1).weight.data[0])],
    ['for of', (x) => Tensor.from([...x.data])],
  ])('is a forward that reads numbers through %s: the error names the place', (_, forward) => {
    const model = new Sequential({ inner: modelOf(forward) });
    expect(() => capture(model, [1, 1])).toThrow(CaptureError);
    expect(() => capture(model, [1, 1])).toThrow(/forward depends on numbers at inner \(Odd\)/);
  });

  it('is a forward that draws random numbers', () => {
    expect(() =>
      capture(
        modelOf((x) => add(x, randn([3]))),
        [1, 3],
      ),
    ).toThrow(CaptureError);
  });

  it('is a forward that returns no tensor, a model that is none, and a shape that does not fit', () => {
    expect(() =>
      capture(
        modelOf(() => 1),
        [1],
      ),
    ).toThrow(ArgumentError);
    expect(() => capture({} as Module, [1])).toThrow(/must be a Module/);
    expect(() => capture(new Net(), [1, 4, 8, 8])).toThrow(ShapeError);
    expect(() => capture(new Net(), 'x' as never)).toThrow(ShapeError);
  });

  it('says so about a tensor that was kept from the pass', () => {
    let kept: Tensor | undefined;
    capture(
      modelOf((x) => {
        kept = keep(relu(x));
        return kept;
      }),
      [1, 3],
    );
    expect(() => kept?.data).toThrow(/holds no numbers/);
  });
});

describe('every model of the zoo', () => {
  const shapes = [
    [1, 3, 32, 32],
    [1, 3, 224, 224],
    [1, 1, 28, 28],
    [1, 3, 299, 299],
  ];
  let model: Module | null = null;
  afterEach(() => {
    for (const tensor of model?.namedTensors() ?? []) tensor[1].dispose();
  });

  it.each(listModels())('%s is captured', (name) => {
    model = createModel(name);
    const graph = shapes.map((shape) => {
      try {
        return capture(model as Module, shape);
      } catch (error) {
        if (error instanceof ShapeError) return null;
        throw error;
      }
    });
    const found = graph.find((g) => g !== null);
    expect(found?.nodes.length).toBeGreaterThan(5);
    const used = new Set(found?.nodes.flatMap(({ inputs }) => inputs.map((v) => found.values[v].name)));
    const unused = [...model.namedTensors()]
      .map(([key]) => key)
      .filter((key) => !used.has(key) && !/^(aux|decoder)/i.test(key));
    expect(unused).toEqual([]);
  });
});
