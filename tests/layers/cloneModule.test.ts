import { beforeEach, expect, it } from 'vitest';
import { createModel, Module, manualSeed, Parameter, Sequential, Tensor } from '../../src/index.js';
import { BatchNorm2d, Conv2d, cloneModule } from '../../src/layers/index.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';
import { normals } from '../../testing/arbitraries.js';

beforeEach(() => manualSeed(1));

const x = (): Tensor => Tensor.from(normals([1, 3, 32, 32], 'images'), [1, 3, 32, 32]);

it.each(['cifar_net', 'resnet8', 'airbench91', 'squeezenet_cifar'])(
  'a copy of %s answers alike, and shares nothing',
  (name) => {
    const model = createModel(name, { widthMultiplier: 0.25 }).eval();
    const copy = cloneModule(model);
    const before = [...model.predict(x()).data];
    expect([...copy.predict(x()).data]).toEqual(before);
    expect(copy.constructor).toBe(model.constructor);
    expect(String(copy)).toBe(String(model));
    expect([...copy.stateDict()]).toEqual([...model.stateDict()]);
    for (const [, t] of copy.namedTensors()) t.data.fill(0);
    expect([...model.predict(x()).data]).toEqual(before);
  },
);

it('frozen stays frozen, a mode stays a mode, and an option object is copied', () => {
  const model = new Sequential(new Conv2d(3, 4, 3, { padding: 1 }), new BatchNorm2d(4)).eval();
  (model.at(0) as Conv2d).weight.requiresGrad = false;
  const copy = cloneModule(model);
  const conv = copy.at(0) as Conv2d;
  expect([conv.weight.requiresGrad, conv.bias?.requiresGrad, copy.training]).toEqual([false, true, false]);
  expect(conv.options).toEqual({ padding: 1 });
  expect(conv.options).not.toBe((model.at(0) as Conv2d).options);
});

it('what two modules share, and references back, are the same in the copy', () => {
  class Node extends Module {
    constructor(
      readonly shared: Parameter,
      readonly parent: Module | null,
    ) {
      super();
    }
    readonly children: Module[] = [];
    forward(): Tensor {
      return this.shared;
    }
  }
  const shared = new Parameter([1, 2]);
  const root = new Node(shared, null);
  root.children.push(new Node(shared, root));
  const copy = cloneModule(root);
  const child = copy.children[0] as Node;
  expect(child.parent).toBe(copy);
  expect(child.shared).toBe(copy.shared);
  expect(copy.shared).not.toBe(shared);
});

it('a model that was read from an ONNX file is copied with its weights', () => {
  const model = importOnnx(exportOnnx(createModel('resnet8', { widthMultiplier: 0.25 }), [1, 3, 32, 32]));
  const copy = cloneModule(model);
  const before = [...model.predict(x()).data];
  for (const p of model.parameters()) p.data.fill(0);
  expect([...copy.predict(x()).data]).toEqual(before);
});
