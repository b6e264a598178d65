import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/base/errors.js';
import { crossEntropy, manualSeed, permute, SGD, Tensor, withTape } from '../../src/index.js';
import { replaceHead } from '../../src/models/index.js';
import { importTfjsGraphModel, importTfjsModel, TfjsGraphModel } from '../../src/tfjs/index.js';
import { formula } from '../golden/formula.js';
import { Graph, type GraphGolden, graphBytes, graphFile, type NodeJson, windowed } from '../golden/tfjsGraphCases.js';

const goldens = JSON.parse(readFileSync(new URL('../golden/tfjsGraphs.json', import.meta.url), 'utf8')) as Record<
  string,
  GraphGolden
>;

/** TensorFlow's values of three axes and more, with the last brought to the second place. */
function channelsSecond(values: Tensor): Tensor {
  const rank = values.shape.length;
  return rank < 3 ? values : permute(values, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)]);
}

function imageOf({ input }: GraphGolden): Tensor {
  return channelsSecond(Tensor.from(formula(input, 7, -1, 1), input));
}

async function loaded(name: string, options: { logits?: boolean; output?: string } = {}): Promise<TfjsGraphModel> {
  const golden = goldens[name];
  return importTfjsGraphModel(graphFile(golden, Object.keys(golden.outputs)), [graphBytes(golden.weights)], options);
}

test('a convolution by hand: two channels of one pixel, added with weights 3 and 5', async () => {
  const g = new Graph([1, 1, 1, 2]);
  g.add('Conv2D', 'conv/Conv2D', ['x', g.weight('conv/kernel', 1, 1, 2, 1)], windowed('SAME'));
  const model = await importTfjsGraphModel(graphFile(g, ['conv/Conv2D']), [
    new Uint8Array(Float32Array.of(3, 5).buffer),
  ]);
  expect(model.predict(Tensor.from([1, 10], [1, 2, 1, 1])).toArray()).toEqual([[[[53]]]]);
  expect([...model.stateDict()].map(([name, { shape, data }]) => [name, shape, [...data]])).toEqual([
    ['conv.weight', [1, 2, 1, 1], [3, 5]],
  ]);
});

test.each(Object.keys(goldens))("%s gives TensorFlow.js's values at every output", async (name) => {
  const golden = goldens[name];
  const model = await loaded(name);
  const outputs = model.predictOutputs(imageOf(golden));
  expect(Object.keys(outputs)).toEqual(Object.keys(golden.outputs));
  for (const [output, { shape, values }] of Object.entries(golden.outputs)) {
    const want = channelsSecond(Tensor.from(values, shape));
    expect(outputs[output].shape, output).toEqual(want.shape);
    const largest = Math.max(1e-3, ...values.map(Math.abs));
    const worst = Math.max(...want.data.map((v, i) => Math.abs(v - outputs[output].data[i])));
    expect(worst / largest, output).toBeLessThan(2e-6);
  }
});

describe('a classifier', () => {
  test('has modules named as its nodes, with the bias that a node of its own adds', async () => {
    const model = await loaded('classifier');
    expect([...model.stateDict().keys()]).toEqual([
      'conv.weight',
      'bn.weight',
      'bn.bias',
      'bn.running_mean',
      'bn.running_var',
      'dw.weight',
      'dw.bias',
      'fc.weight',
      'fc.bias',
    ]);
    expect(model.inputShape).toEqual([null, 3, 13, 10]);
  });

  test('saves and loads: another copy with its state gives its answers', async () => {
    const [model, other] = [await loaded('classifier'), await loaded('classifier')];
    for (const p of other.parameters()) p.data.fill(0);
    other.loadStateDict(model.stateDict());
    const x = imageOf(goldens.classifier);
    expect(other.predict(x).toArray()).toEqual(model.predict(x).toArray());
  });

  test('gets a new head and learns from logits: every parameter has a gradient', async () => {
    const model = await loaded('classifier', { logits: true });
    manualSeed(1);
    replaceHead(model, 2);
    model.train();
    const x = imageOf(goldens.classifier);
    const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
    const losses = Array.from({ length: 40 }, () =>
      withTape((tape) => {
        const loss = crossEntropy(model.forward(x), Int32Array.of(0, 1));
        tape.backward(loss);
        const still = [...model.namedParameters()].filter(([, p]) => p.grad?.data.every((v) => v === 0) ?? true);
        expect(still.map(([name]) => name)).toEqual([]);
        optimizer.step();
        return loss.item();
      }),
    );
    expect(losses[39]).toBeLessThan(losses[0] / 2);
  });

  test('gives any node by its name, and is cut there', async () => {
    const model = await loaded('classifier', { output: 'squeeze' });
    expect(model.predict(imageOf(goldens.classifier)).shape).toEqual([2, 12]);
    expect([...model.stateDict().keys()]).not.toContain('fc.weight');
    await expect(loaded('classifier', { output: 'nowhere' })).rejects.toThrow(
      "there is no output and no node 'nowhere'. The outputs are Identity.",
    );
  });

  test('says what input it takes', async () => {
    const model = await loaded('classifier');
    expect(() => model.predict(Tensor.zeros([1, 13, 10, 3]))).toThrow(
      "the model's input 'x' is [N, 3, 13, 10], channels first, but x has shape [1, 13, 10, 3].",
    );
  });
});

test('slopes, scales and shifts that no layer has are parameters of their own', async () => {
  const names = [...(await loaded('fused')).namedParameters()].map(([name]) => name);
  expect(names).toContain('a/alpha.weight');
  expect(names).toContain('b.bias');
});

test('two convolutions with one filter train one parameter', async () => {
  const g = new Graph([1, 3, 3, 1]);
  const w = g.weight('kernel', 3, 3, 1, 1);
  const once = g.add('Conv2D', 'a', ['x', w], windowed('SAME'));
  g.add('Conv2D', 'b', [once, w], windowed('SAME'));
  const model = await importTfjsGraphModel(graphFile(g, ['b']), [graphBytes(g.weights)]);
  expect([...model.parameters()]).toHaveLength(1);
});

test('importTfjsModel takes both formats, and each reader names the other', async () => {
  const { nodes, weights, outputs } = goldens.classifier;
  const json = graphFile({ nodes, weights }, Object.keys(outputs));
  expect(await importTfjsModel(JSON.stringify(json), [graphBytes(weights)])).toBeInstanceOf(TfjsGraphModel);
  await expect(importTfjsGraphModel({ modelTopology: { class_name: 'Sequential' } }, [])).rejects.toThrow(
    'model.json holds layers, not a graph. Call importTfjsLayersModel, or importTfjsModel',
  );
});

/** A graph of one more node. */
function withNode(node: Partial<NodeJson>): object {
  const g = new Graph([1, 4, 4, 2]);
  g.nodes.push({ name: 'it', op: 'Relu', input: ['x'], ...node });
  return graphFile(g, ['it']);
}

describe('what is not read is said', () => {
  test.each<[string, Partial<NodeJson>, RegExp]>([
    ['an operation', { op: 'Einsum' }, /node Einsum 'it' has an operation that is not read/],
    ['an input that is not there', { input: ['y'] }, /a node gets its input from 'y', which is not there/],
    ['a circle', { input: ['it'] }, /node Relu 'it' depends on its own output/],
    ['padding', { op: 'MaxPool', attr: windowed('FULL') }, /node MaxPool 'it' has the padding 'FULL'/],
    [
      'images with channels first',
      { op: 'MaxPool', attr: { ...windowed('SAME'), data_format: { s: btoa('NCHW') } } },
      /has the data_format 'NCHW', but NHWC is read/,
    ],
    [
      'a name that is no base 64',
      { op: 'MaxPool', attr: { padding: { s: '???' } } },
      /has padding "\?\?\?", which must be a text in base 64/,
    ],
    [
      'an axis of the stride',
      { op: 'MaxPool', attr: { ...windowed('SAME'), strides: { list: { i: ['2', '1', '1', '1'] } } } },
      /has strides \[2, 1, 1, 1\], but \[1, height, width, 1\] is read/,
    ],
    ['no input', { op: 'Relu', input: [] }, /the outputs need 0 inputs \(none\)/],
  ])('%s', async (_, node, message) => {
    const reading = importTfjsGraphModel(withNode(node), [new Uint8Array()]);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(message);
  });

  test('a constant without numbers, and a value that does not fit', async () => {
    const g = new Graph([1, 4, 4, 2]);
    g.nodes.push({ name: 'c', op: 'Const' });
    g.add('Add', 'it', ['x', 'c']);
    await expect(importTfjsGraphModel(graphFile(g, ['it']), [new Uint8Array()])).rejects.toThrow(
      "the constant 'c' has no weight of its name in the weightsManifest.",
    );
    const h = new Graph([1, 4, 4, 2]);
    h.add('Reshape', 'it', ['x', h.ints('shape', [5, 5])]);
    const model = await importTfjsGraphModel(graphFile(h, ['it']), [graphBytes(h.weights)]);
    expect(() => model.predict(Tensor.zeros([1, 2, 4, 4]))).toThrow(/node Reshape 'it' cannot run: reshape: /);
  });

  test('a value out of proportion to the input is refused before it is made', async () => {
    const g = new Graph([1, 4, 4, 2]);
    g.add('Fill', 'big', [g.ints('dims', [40_000, 40_000]), g.scalar('one', 1)]);
    g.add('Add', 'it', ['x', 'big']);
    const model = await importTfjsGraphModel(graphFile(g, ['it']), [graphBytes(g.weights)]);
    expect(() => model.predict(Tensor.zeros([1, 2, 4, 4]))).toThrow(
      /node Fill 'big' makes a value of shape \[40000, 40000\]/,
    );
  });
});
