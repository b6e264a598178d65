import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/base/errors.js';
import { DataLoader } from '../../src/data/loader.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Dropout } from '../../src/layers/dropout.js';
import { Linear } from '../../src/layers/linear.js';
import { Module } from '../../src/layers/module.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';
import { replaceHead } from '../../src/models/transfer.js';
import { cosineSchedule } from '../../src/optim/cyclicSchedules.js';
import { SGD } from '../../src/optim/sgd.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { flatten } from '../../src/tensor/ops/shape/flatten.js';
import { Parameter } from '../../src/tensor/parameter.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { findLearningRate } from '../../src/train/findLearningRate.js';
import { fit } from '../../src/train/fit.js';
import { trainingEvents } from '../../src/train/trainingEvents.js';
import { halves, tinyNet } from './problems.js';

const loader = (): DataLoader => new DataLoader(halves(8), { batchSize: 4 });
const optimizerOf = (model: Module): SGD => new SGD(model.parameters(), { learningRate: 0.1 });
const run = (model: Module, optimizer = optimizerOf(model)): Promise<unknown> =>
  fit(model, { train: loader(), optimizer, epochs: 1 });

/** A net that runs a module which it does not hold, then its own last layer. */
class Net extends Module {
  readonly fc = new Linear(16, 2);
  readonly #first: (x: Tensor) => Tensor;

  constructor(first: (x: Tensor) => Tensor) {
    super();
    this.#first = first;
  }

  forward(x: Tensor): Tensor {
    return this.fc.forward(flatten(this.#first(x)));
  }
}

/** Runs a module, of which the net knows nothing. */
const outside = (module: Module): Net => new Net((x) => module.forward(x));

describe('fit names a layer that the model uses but does not hold', () => {
  it('in a private field', async () => {
    class Private extends Module {
      readonly #conv = new Conv2d(1, 1, 3, { padding: 1 });
      readonly fc = new Linear(16, 2);
      forward(x: Tensor): Tensor {
        return this.fc.forward(flatten(this.#conv.forward(x)));
      }
    }
    const model = new Private();
    const before = model.stateDict();
    await expect(run(model)).rejects.toThrow(ArgumentError);
    await expect(run(model)).rejects.toThrow(
      'fit: Private uses Conv2d(1, 1, kernelSize=3, padding=1, stride=1) with weight [1, 1, 3, 3], which is not part of the model: it would be neither trained nor saved',
    );
    await expect(run(model)).rejects.toThrow('Put it into a public field');
    expect(model.stateDict()).toEqual(before);
  });

  it('in an object of another class, inside a Sequential there', async () => {
    const holder = new (class Blocks {
      readonly all = new Sequential(new ReLU(), new Conv2d(1, 1, 1));
    })();
    await expect(run(outside(holder.all))).rejects.toThrow(
      'Net uses Conv2d(1, 1, kernelSize=1, stride=1) in a Sequential with weight [1, 1, 1, 1]',
    );
  });

  it('in a block that the model does hold', async () => {
    const model = new Sequential(outside(new Conv2d(1, 1, 1)), new Linear(2, 2));
    await expect(run(model)).rejects.toThrow('fit: Sequential uses Conv2d(1, 1, kernelSize=1, stride=1) in a Net');
  });

  it('of a class that inherits its forward, and of one whose forward is a field', async () => {
    class Own extends Conv2d {}
    await expect(run(outside(new Own(1, 1, 1)))).rejects.toThrow('Net uses Own(1, 1, kernelSize=1');
    class Arrow extends Module {
      readonly inner = new Conv2d(1, 1, 1);
      forward = (x: Tensor): Tensor => this.inner.forward(x);
    }
    await expect(run(outside(new Arrow()))).rejects.toThrow('Net uses Conv2d(1, 1, kernelSize=1');
  });

  it('or the operation, where no layer holds the parameter', async () => {
    const scale = new Parameter([2]);
    await expect(run(new Net((x) => mul(x, scale)))).rejects.toThrow(
      'Net uses a parameter [1] of mul, which is not part',
    );
  });

  it('when it has no parameter, but does something else in training', async () => {
    await expect(run(outside(new Dropout(0.5)))).rejects.toThrow('fit: Net uses Dropout(p=0.5), which is not part of');
    await expect(run(outside(new BatchNorm2d(1, { affine: false })))).rejects.toThrow('fit: Net uses BatchNorm2d(1,');
  });

  it('even when the optimizer has it, since it would not be saved', async () => {
    const conv = new Conv2d(1, 1, 1);
    const model = outside(conv);
    const optimizer = new SGD([...model.parameters(), ...conv.parameters()], { learningRate: 0.1 });
    await expect(run(model, optimizer)).rejects.toThrow('Net uses Conv2d');
  });

  it('in train, in findLearningRate and with micro-batches', async () => {
    const model = outside(new Conv2d(1, 1, 1));
    const optimizer = optimizerOf(model);
    const options = { train: loader(), optimizer, epochs: 1 };
    const all = async (): Promise<void> => {
      for await (const event of trainingEvents(model, options)) expect(event.type).not.toBe('step');
    };
    await expect(all()).rejects.toThrow('Net uses Conv2d');
    await expect(findLearningRate(model, { train: loader(), optimizer })).rejects.toThrow('Net uses Conv2d');
    await expect(fit(model, { ...options, microBatchSize: 2 })).rejects.toThrow('Net uses Conv2d');
  });
});

describe('fit accepts', () => {
  it('layers outside that are frozen and in evaluation mode, and those that have no mode', async () => {
    await run(
      outside(new Sequential(new Conv2d(1, 1, 1), new BatchNorm2d(1), new Dropout()).requiresGrad(false).eval()),
    );
    await run(outside(new ReLU()));
  });

  it('frozen parts, and an optimizer of a part', async () => {
    const model = tinyNet();
    const [hidden, head] = [...model.namedModules()].map(([, m]) => m).filter((m) => m instanceof Linear);
    await run(model, optimizerOf(head as Linear));
    hidden?.requiresGrad(false);
    await run(model);
  });

  it('a loss with parameters of its own', async () => {
    const model = tinyNet();
    const scale = new Parameter([1]);
    const optimizer = new SGD([...model.parameters(), scale], { learningRate: 0.1 });
    const loss = (y: Tensor, labels: Int32Array): Tensor => crossEntropy(mul(y, scale), labels);
    await fit(model, { train: loader(), optimizer, epochs: 1, loss });
    expect(scale.item()).not.toBe(1);
  });

  it('a layer whose class is watched as it was before', async () => {
    const forward = Conv2d.prototype.forward;
    const dropout = new Dropout(0.5);
    const keys = Object.keys(dropout);
    await expect(run(outside(dropout))).rejects.toThrow();
    expect(Conv2d.prototype.forward).toBe(forward);
    expect(Object.keys(dropout)).toEqual(keys);
    expect(Object.getOwnPropertyDescriptor(dropout, 'training')).toEqual({
      ...{ value: true, writable: true, enumerable: true, configurable: true },
    });
  });
});

describe('fit refuses to train nothing', () => {
  it('when every parameter is frozen', async () => {
    const model = tinyNet().requiresGrad(false);
    await expect(run(model)).rejects.toThrow('fit: every parameter that the optimizer has is frozen');
    await expect(fit(model, { train: loader(), optimizer: optimizerOf(model), epochs: 0 })).resolves.toBeDefined();
  });

  it('when those of the optimizer are frozen, though others are not', async () => {
    const model = tinyNet();
    const parameters = [...model.parameters()];
    const optimizer = new SGD(parameters.slice(0, 2), { learningRate: 0.1 });
    for (const p of parameters.slice(0, 2)) p.requiresGrad = false;
    await expect(run(model, optimizer)).rejects.toThrow('every parameter that the optimizer has is frozen');
  });

  it('when a callback thaws in time, trains', async () => {
    const model = tinyNet().requiresGrad(false);
    const callbacks = [{ onEpochStart: () => void model.requiresGrad(true) }];
    await fit(model, { train: loader(), optimizer: optimizerOf(model), epochs: 1, callbacks });
  });

  it('of a model without parameters', async () => {
    await expect(run(new Sequential(new ReLU()), optimizerOf(tinyNet()))).rejects.toThrow(
      'fit: this Sequential has no parameters',
    );
  });
});

it('fit refuses a schedule that is called already', async () => {
  const model = tinyNet();
  const schedule = cosineSchedule(0.1, { steps: 4 })(0) as unknown as (step: number) => number;
  await expect(fit(model, { train: loader(), optimizer: optimizerOf(model), epochs: 1, schedule })).rejects.toThrow(
    'fit: schedule is 0.1, but must be a function.',
  );
});

it('fit notices an optimizer that was made before the head was replaced', async () => {
  const model = tinyNet();
  const optimizer = optimizerOf(model);
  replaceHead(model, 2);
  const before = model.stateDict();
  await expect(run(model, optimizer)).rejects.toThrow(
    "fit: the optimizer does not have '3.weight', '3.bias' of this Sequential, but 2 parameters that the model does not use. Make the optimizer after",
  );
  expect(model.stateDict()).toEqual(before);
});
