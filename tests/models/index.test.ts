import { beforeEach, describe, expect, it } from 'vitest';
import { ArgumentError, ShapeError } from '../../src/base/errors.js';
import { manualSeed } from '../../src/base/random.js';
import type { Module } from '../../src/layers/module.js';
import { memoryInfo } from '../../src/memory/memory.js';
import { createModel, listModels, models } from '../../src/models/index.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { normals } from '../../testing/arbitraries.js';
import { expectRelative } from '../../testing/tolerance.js';

beforeEach(() => manualSeed(1));

const labels = Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7);

/** The families, each by its smallest member. */
const families = ['cifar_net', 'vgg_small', 'resnet20'] as const;

function images(count: number, channels = 3, size = 32): Tensor {
  const shape = [count, channels, size, size];
  return Tensor.from(normals(shape, 'images'), shape);
}

function sgdStep(model: Module, x: Tensor, rate: number): number {
  return withTape((tape) => {
    const loss = crossEntropy(model.forward(x), labels);
    tape.backward(loss);
    for (const p of model.parameters()) {
      const [value, grad] = [p.data, (p.grad as Tensor).data];
      for (let i = 0; i < value.length; i++) value[i] -= rate * grad[i];
      p.spendGradient();
    }
    return loss.item();
  });
}

describe.each(families)('%s', (name) => {
  it('gives a logit a class, for other numbers of classes, channels and widths too', () => {
    expect(createModel(name).predict(images(2)).shape).toEqual([2, 10]);
    const small = createModel(name, { numClasses: 7, inChannels: 1, widthMultiplier: 0.25 });
    expect(small.predict(images(3, 1, 28)).shape).toEqual([3, 7]);
  });

  it('accepts an empty batch', () => {
    expect(createModel(name).predict(images(0)).shape).toEqual([0, 10]);
  });

  it('gives every parameter a gradient that is not zero', () => {
    const model = createModel(name, { widthMultiplier: 0.25 });
    withTape((tape) => tape.backward(crossEntropy(model.forward(images(8)), labels)));
    for (const [key, p] of model.namedParameters()) {
      expect(
        p.grad?.data.some((v) => v !== 0),
        key,
      ).toBe(true);
    }
  });

  it('learns eight images by heart', () => {
    const model = createModel(name, { widthMultiplier: name === 'cifar_net' ? 1 : 0.25 });
    const x = images(8);
    const first = sgdStep(model, x, 0.1);
    let loss = first;
    for (let step = 0; step < 60 && loss > 0.05; step++) loss = sgdStep(model, x, 0.1);
    expect(first).toBeGreaterThan(1.5);
    expect(loss).toBeLessThan(0.1);
  });

  it('predicts image by image what it predicts for the batch', () => {
    const model = createModel(name);
    const x = images(3);
    const all = model.predict(x);
    for (let n = 0; n < 3; n++) {
      const one = Tensor.from(x.data.slice(n * 3072, (n + 1) * 3072), [1, 3, 32, 32]);
      // Convolutions may choose another algorithm for another batch, so the last bits may differ.
      expectRelative(model.predict(one).data, all.data.slice(n * 10, n * 10 + 10), 1e-5);
    }
  });

  it('starts the same from the same seed, and differently from another', () => {
    const weights = (seed: number): Float32Array[] => {
      manualSeed(seed);
      return [...createModel(name, { widthMultiplier: 0.25 }).parameters()].map((p) => p.data.slice());
    };
    expect(weights(3)).toEqual(weights(3));
    expect(weights(3)).not.toEqual(weights(4));
  });

  it('carries its weights over by the state dict', () => {
    const [a, b] = [createModel(name), createModel(name)];
    b.loadStateDict(a.stateDict());
    const x = images(2);
    expect([...b.predict(x).data]).toEqual([...a.predict(x).data]);
  });

  it('says what it needs of its input', () => {
    const model = createModel(name);
    const least = name === 'resnet20' ? 4 : 8;
    expect(model.predict(images(1, 3, least)).shape).toEqual([1, 10]);
    expect(() => model.predict(images(1, 3, least - 1))).toThrow(
      `${name}: x [1, 3, ${least - 1}, ${least - 1}] has images of ${least - 1}x${least - 1} pixels, but needs at least ${least}x${least}. Enlarge them.`,
    );
    expect(() => model.predict(images(1, 1))).toThrow(
      `${name}: x [1, 1, 32, 32] has 1 channels, but the model was made for 3. Pass inChannels=1 to createModel.`,
    );
    expect(() => model.predict(Tensor.zeros([3, 32, 32]))).toThrow(
      `${name}: x has shape [3, 32, 32], but needs 4 axes`,
    );
    expect(() => model.predict(Tensor.zeros([3, 32, 32]))).toThrow(ShapeError);
  });

  it('refuses options out of range', () => {
    expect(() => createModel(name, { numClasses: 0 })).toThrow(
      `${name}: numClasses is 0, but must be a whole number >= 1.`,
    );
    expect(() => createModel(name, { inChannels: 1.5 })).toThrow(`${name}: inChannels is 1.5`);
    expect(() => createModel(name, { widthMultiplier: 0 })).toThrow(
      `${name}: widthMultiplier is 0, but must be a number above 0.`,
    );
  });

  it('leaves nothing behind after a step and a prediction', () => {
    const model = createModel(name, { widthMultiplier: 0.25 });
    const x = images(8);
    const once = (): void => {
      sgdStep(model, x, 0.01);
      model.predict(x).dispose();
    };
    once();
    const before = memoryInfo().liveBytes;
    once();
    expect(memoryInfo().liveBytes).toBe(before);
  });
});

describe('createModel', () => {
  it('knows every listed name', () => {
    expect(listModels()).toEqual(Object.keys(models));
    expect(listModels()).toContain('resnet56');
  });

  it('suggests the nearest name for an unknown one', () => {
    expect(() => createModel('resnet21' as string)).toThrow(
      "createModel: there is no model 'resnet21'. Did you mean 'resnet20'? Known models: cifar_net, vgg_small, resnet8",
    );
    expect(() => createModel('transformer' as string)).toThrow("there is no model 'transformer'. Known models:");
    expect(() => createModel('toString' as string)).toThrow(ArgumentError);
  });

  it('suggests the nearest option for an unknown one', () => {
    expect(() => createModel('resnet20', { numClases: 100 } as object)).toThrow(
      "resnet20: there is no option 'numClases'. Did you mean 'numClasses'? The options of this model are numClasses, inChannels, widthMultiplier, shortcut, stochasticDepth.",
    );
  });
});
