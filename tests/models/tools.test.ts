import { afterEach, describe, expect, it } from 'vitest';
import { dryRun } from '../../src/debug/dryRun.js';
import { embeddings, features } from '../../src/debug/features.js';
import { graph } from '../../src/debug/graph.js';
import { summary } from '../../src/debug/summary.js';
import { trace } from '../../src/debug/trace.js';
import type { Module } from '../../src/layers/module.js';
import { createModel, listModels } from '../../src/models/index.js';
import { freeze, parameterGroupsByName, replaceHead } from '../../src/models/transfer.js';
import { SGD } from '../../src/optim/sgd.js';
import { scope } from '../../src/tensor/scope.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { expectRelative } from '../../testing/tolerance.js';

let built: Module | null = null;
afterEach(() => {
  for (const [, t] of built?.namedTensors() ?? []) t.dispose();
  built = null;
});

/** Layers that only training runs, and how capsules draw. */
const idle = /stochasticDepth|^decoder/;

// What stands in docs/layers-and-models.md about using a model, on every model.
describe.each(listModels())('%s', (name) => {
  const channels = name === 'capsnet_mnist' ? 1 : 3;
  const size = name.startsWith('inception') ? 80 : name.startsWith('alexnet') ? 70 : channels === 1 ? 28 : 32;
  const shape = [1, channels, size, size];
  const make = (): Module => {
    built = createModel(name, { widthMultiplier: 1 / 16, numClasses: 10 });
    return built;
  };

  it('has a summary of every layer, as JSON too, and a graph whose nodes all come from the input', () => {
    const model = make();
    const { rows, params, macs } = JSON.parse(JSON.stringify(summary(model, shape))) as ReturnType<typeof summary>;
    const unseen = rows.filter((row) => row.outputShape === null && !idle.test(row.name));
    expect(unseen.map((row) => row.name)).toEqual([]);
    expect(params).toBe([...model.parameters()].reduce((sum, p) => sum + p.size, 0));
    expect(rows.reduce((sum, row) => sum + row.macs, 0)).toBe(macs);

    const text = graph(model, shape);
    const reached = new Set(['input']);
    for (const [, from, to] of text.matchAll(/^ {2}(\w+) --> (n\d+)$/gm)) if (reached.has(from)) reached.add(to);
    const nodes = [...text.matchAll(/^ {2}(n\d+)\["(\w+)/gm)];
    expect(nodes.length).toBeGreaterThan(4);
    expect(nodes.filter(([, node]) => !reached.has(node)).map(([line]) => line)).toEqual([]);
    expect(graph(model, shape, { format: 'dot' })).toMatch(/^digraph/);
  });

  it('gives the features of every module, and takes a new head, frozen parts and rates by name', () => {
    const model = make().eval();
    const x = Tensor.full(shape, 0.5);
    const seen = new Map<string, Float32Array>();
    scope(() =>
      trace(
        model,
        () => model.forward(x),
        (key, _module, _x, y) => seen.set(key, y.data.slice()),
      ),
    );
    const keys = [...seen.keys()].filter((key) => key !== '');
    // Every tenth: predict runs for each.
    for (const key of keys.filter((_, i) => i % 10 === 0 || i > keys.length - 3)) {
      scope(() => expectRelative(features(model, x, key).data, seen.get(key) as Float32Array, 1e-4, key));
    }
    const [first] = [...model.namedParameters()][0];
    expect(freeze(model, first)).toEqual([first]);
    const groups = parameterGroupsByName(model, [[first, { learningRate: 0.5 }]]);
    expect(() => new SGD(groups, { learningRate: 0.1 })).not.toThrow();
    if ('headless' in model) return;
    expect(dryRun(() => embeddings(model, x).shape[0])).toBe(1);
    replaceHead(model, 3);
    expect(dryRun(() => model.predict(x).shape)).toEqual([1, 3]);
  });
});
