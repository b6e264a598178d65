import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArgumentError, CaptureError, DisposedError, ShapeError, StridenetError } from '../../src/base/errors.js';
import { manualSeed } from '../../src/base/random.js';
import { capture } from '../../src/graph/capture.js';
import { compile } from '../../src/graph/compile.js';
import { constantValues } from '../../src/graph/passes/foldConstants.js';
import { optimize, passes } from '../../src/graph/passes/optimize.js';
import { layOut, mostAlive } from '../../src/graph/plan/arena.js';
import { lower } from '../../src/graph/plan/lower.js';
import { withKernels } from '../../src/kernels/family.js';
import { useKernels } from '../../src/kernels/use.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import type { Module } from '../../src/layers/module.js';
import { Sequential } from '../../src/layers/sequential.js';
import { memoryInfo, withHeap } from '../../src/memory/memory.js';
import { createModel } from '../../src/models/index.js';
import { SGD } from '../../src/optim/sgd.js';
import { mean } from '../../src/tensor/ops/math/mean.js';
import { inPrediction } from '../../src/tensor/scope.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { normals, seed } from '../../testing/arbitraries.js';
import { randomModel, scrambleNorms } from '../../testing/randomModel.js';

beforeEach(() => manualSeed(1));

/** What forward gives in evaluation mode, operation by operation. */
function eager(model: Module, x: Tensor): Float32Array {
  const before = model.training;
  model.eval();
  const y = inPrediction(() => model.forward(x));
  model.train(before);
  return y.data.slice();
}

/** The difference relative to the largest number. */
function difference(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [most, size] = [0, 1e-30];
  for (let i = 0; i < expected.length; i++) {
    most = Math.max(most, Math.abs((got[i] as number) - (expected[i] as number)));
    size = Math.max(size, Math.abs(expected[i] as number));
  }
  return most / size;
}

/** Roundings of a network of some dozen layers, each within a few hundred units of the largest number. */
const BOUND = 2e-5;

describe('a compiled model', () => {
  it.each([
    'squeezenet1_1',
    'mobilenet_v2',
    'mobilenet_v3_small',
    'efficientnet_b0',
    'resnet18',
    'densenet121',
    'googlenet',
  ] as const)('of %s answers what forward answers, for fewer images too', (name) => {
    const model = createModel(name, { numClasses: 7 });
    scrambleNorms(model);
    const x = Tensor.from(normals(2 * 3 * 64 * 64, 'x'), [2, 3, 64, 64]);
    const compiled = compile(model, { inputShape: [2, 3, 64, 64] });
    const expected = eager(model, x);
    expect(difference(compiled.predict(x).data, expected)).toBeLessThan(BOUND);
    expect(difference(model.predict(x).data, expected)).toBeLessThan(BOUND);
    const one = Tensor.from(x.data.slice(0, 3 * 64 * 64), [1, 3, 64, 64]);
    expect(difference(compiled.predict(one).data, expected.slice(0, 7))).toBeLessThan(BOUND);
    expect(model.training).toBe(true);
    compiled.release();
  });

  it('has merged batch norms, activations and residuals into the convolutions', () => {
    const graph = optimize(capture(createModel('resnet18'), [1, 3, 64, 64]));
    const ops = graph.nodes.map(({ op }) => op).filter((op) => op !== 'foldBatchNorm');
    expect(new Set(ops)).toEqual(new Set(['fusedConv2d', 'maxPool2d', 'globalAvgPool2d']));
    expect(ops.filter((op) => op === 'fusedConv2d')).toHaveLength(21);
  });

  it('holds activations within 1.3 times what is alive at once: ResNet-50', () => {
    const graph = lower(optimize(capture(createModel('resnet50'), [1, 3, 224, 224])));
    const constant = constantValues(graph);
    expect(layOut(graph, constant).floats).toBeLessThanOrEqual(1.3 * mostAlive(graph, constant));
  });

  it('writes the parts of a concatenation where they belong', () => {
    const graph = lower(optimize(capture(createModel('squeezenet1_1'), [1, 3, 64, 64])));
    const { places } = layOut(graph, constantValues(graph));
    const concats = graph.nodes.filter(({ op }) => op === 'concat');
    expect(concats).toHaveLength(8);
    for (const { inputs, outputs } of concats) {
      for (const part of inputs) expect(places.of(part).base).toBe(places.of(outputs[0]).base);
    }
  });

  it('profiles each operation', () => {
    const compiled = compile(createModel('mobilenet_v3_small'), { inputShape: [1, 3, 64, 64] });
    const profile = compiled.profile(Tensor.zeros([1, 3, 64, 64]));
    expect(profile.rows.length).toBeGreaterThan(50);
    expect(profile.rows[0]).toMatchObject({ module: 'features.0.0', op: 'fusedConv2d', outputShape: [1, 16, 32, 32] });
    expect(profile.rows[0].gflops).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(profile)).rows).toHaveLength(profile.rows.length);
    expect(String(profile)).toMatch(/^module +operation +algorithm/);
    compiled.release();
  });
});

describe('random graphs', () => {
  afterAll(() => useKernels('simd'));

  it.each(['reference', 'plain', 'simd'] as const)('compiled give what they give eagerly: %s', (table) => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 5, max: 13 }), (number, batch, side) => {
        manualSeed(number);
        const model = randomModel(number);
        const x = Tensor.from(normals(batch * 4 * side * (side + 1), `x${number}`), [batch, 4, side, side + 1]);
        withKernels(table, () => {
          const compiled = compile(model, { inputShape: x.shape });
          const [got, expected] = [compiled.predict(x).data, eager(model, x)];
          compiled.release();
          expect(difference(got, expected)).toBeLessThan(BOUND);
        });
      }),
      { numRuns: table === 'simd' ? 60 : 25 },
    );
  });

  it('give the same bits on 1, 2 and 3 threads', async () => {
    for (let number = 0; number < 12; number++) {
      const results: number[][] = [];
      for (const threads of [1, 2, 3]) {
        await useKernels('simd', { threads });
        manualSeed(number);
        const model = randomModel(number);
        const x = Tensor.from(normals(2 * 4 * 29 * 31, `x${number}`), [2, 4, 29, 31]);
        results.push([...model.predict(x).data]);
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    }
  });

  it.each(passes.map((pass, i) => [i, pass] as const))('are the same before and after pass %i, %o', (_, pass) => {
    fc.assert(
      fc.property(seed, (number) => {
        manualSeed(number);
        const model = randomModel(number);
        const before = capture(model, [1, 4, 9, 8]);
        const earlier = passes.slice(0, passes.indexOf(pass)).reduce((g, p) => p(g), before);
        const after = pass(earlier);
        expect(after.outputs).toEqual(before.outputs);
        expect(after.shapeOf(after.outputs[0])).toEqual(before.shapeOf(before.outputs[0]));
        const made = new Set([...after.inputs, ...after.tensors.keys()]);
        for (const node of after.nodes) {
          for (const value of node.inputs) expect(made.has(value), `${node.op} reads %${value}`).toBe(true);
          for (const value of node.outputs) made.add(value);
        }
        expect(made.has(after.outputs[0])).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe('predict never answers from stale weights', () => {
  const x = Tensor.from(normals(3 * 16 * 16, 'stale'), [1, 3, 16, 16]);
  const fresh = (model: Module): void => expect(difference(model.predict(x).data, eager(model, x))).toBeLessThan(BOUND);

  it.each<[string, (model: Module) => void]>([
    ['an optimizer', (model) => train(model)],
    ['loadStateDict', (model) => void model.loadStateDict(createModel('resnet20').stateDict())],
    ['a number written by hand', (model) => void ([...model.parameters()][3].data[0] += 1)],
    ['a running variance written by hand', (model) => void ([...model.namedBuffers()][1][1].data[2] = 9)],
    ['a layer that is replaced', (model) => model.replaceChild('conv1', new Conv2d(3, 16, 3, { padding: 1 }))],
    ['an option that is written', (model) => void Object.assign((model as never)['bn1'], { eps: 5 })],
  ])('after %s', (_, change) => {
    const model = createModel('resnet20');
    scrambleNorms(model);
    fresh(model);
    change(model);
    fresh(model);
    change(model);
    fresh(model);
  });

  it('sees what is written through a view that was handed out long ago', () => {
    const model = createModel('resnet20');
    const view = [...model.parameters()][5].data;
    fresh(model);
    fresh(model);
    view[7] += 0.5;
    fresh(model);
  });

  function train(model: Module): void {
    const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
    withTape((tape) => tape.backward(mean(model.forward(x))));
    optimizer.step();
  }
});

describe('what goes wrong with a compiled model', () => {
  const model = new Sequential(new Conv2d(3, 40, 3, { padding: 1 }), new Conv2d(40, 2, 1));
  const x = Tensor.zeros([1, 3, 8, 8]);
  afterEach(() => useKernels('simd'));

  it('is a sentence', async () => {
    const compiled = compile(model, { inputShape: [2, 3, 8, 8] });
    expect(() => compiled.predict(Tensor.zeros([3, 3, 8, 8]))).toThrow(ShapeError);
    expect(() => compiled.predict(Tensor.zeros([1, 3, 9, 8]))).toThrow(/compiled for \[2, 3, 8, 8\], or fewer images/);
    expect(() => compiled.predict([1] as never)).toThrow(ArgumentError);
    expect(() => compile(model, {} as never)).toThrow(/inputShape is missing/);
    withHeap({}, () => expect(() => compiled.predict(Tensor.zeros([1, 3, 8, 8]))).toThrow(/different heaps/));
    await useKernels('plain');
    expect(() => compiled.predict(x)).toThrow(/useKernels has chosen other kernels/);
    await useKernels('simd');
    compiled.release();
    compiled.release();
    expect(() => compiled.predict(x)).toThrow(DisposedError);
    const other = new Sequential(new Conv2d(3, 40, 1));
    const plan = compile(other, { inputShape: [1, 3, 8, 8] });
    for (const parameter of other.parameters()) parameter.dispose();
    expect(() => plan.predict(x)).toThrow(StridenetError);
  });

  it('leaves no memory behind: a thousand plans', () => {
    compile(model, { inputShape: [1, 3, 8, 8] }).release();
    const before = memoryInfo().liveBytes;
    for (let i = 0; i < 1000; i++) compile(model, { inputShape: [1, 3, 8, 8] }).release();
    expect(memoryInfo().liveBytes).toBe(before);
  });

  it('is an error of capture where forward depends on numbers, but predict runs it', () => {
    const odd = new (class extends Sequential {
      override forward(x: Tensor): Tensor {
        return x.data[0] > 0 ? super.forward(x) : x;
      }
    })(new Conv2d(3, 2, 1));
    expect(() => compile(odd, { inputShape: x.shape })).toThrow(CaptureError);
    expect(odd.predict(x).shape).toEqual([1, 3, 8, 8]);
    expect(odd.predict(Tensor.ones([1, 3, 8, 8])).shape).toEqual([1, 2, 8, 8]);
  });
});
