import { beforeEach, describe, expect, it } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { summary } from '../../src/debug/summary.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { type Airbench, AirbenchBlock } from '../../src/models/airbench.js';
import { createModel } from '../../src/models/index.js';
import { Adam } from '../../src/optim/adam.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { normals } from '../../testing/arbitraries.js';

beforeEach(() => manualSeed(1));

function images(count: number, channels = 3, size = 32): Tensor {
  const shape = [count, channels, size, size];
  return Tensor.from(normals(shape, 'images'), shape);
}

describe.each([
  ['airbench91', 497_528, 33_066_272],
  ['airbench93', 569_016, 54_223_904],
  ['airbench94', 1_971_640, 118_147_360],
])('%s', (name, params, macs) => {
  it('has the published number of parameters and multiply-adds', () => {
    expect(summary(createModel(name), [1, 3, 32, 32])).toMatchObject({ params, macs });
  });

  it('learns everything but the filters of its first layer, and shifts but no scales', () => {
    const model = createModel(name);
    const frozen = [...model.namedParameters()].filter(([, p]) => !p.requiresGrad).map(([key]) => key);
    expect(frozen).toEqual(['whiten.weight']);
    const names = [...model.stateDict().keys()].filter((key) => key.includes('block1.norm1'));
    expect(names).toEqual(['block1.norm1.bias', 'block1.norm1.running_mean', 'block1.norm1.running_var']);
  });
});

describe('airbench91', () => {
  it('starts each convolution of its blocks as a partial identity', () => {
    for (const [key, conv] of createModel('airbench91').namedModules()) {
      if (!(conv instanceof Conv2d) || key === 'whiten') continue;
      const [filters, channels] = conv.weight.shape;
      const w = conv.weight.data;
      for (let o = 0; o < channels; o++) {
        for (let i = 0; i < 9 * channels; i++) expect(w[9 * channels * o + i], key).toBe(i === 9 * o + 4 ? 1 : 0);
      }
      if (filters > channels) expect(w[9 * channels * channels], key).not.toBe(0);
    }
  });

  it('gives every parameter that is not frozen a gradient, and learns eight images by heart', () => {
    const model = createModel('airbench91', { widthMultiplier: 1 / 4 });
    const x = images(8, 3, 25);
    const labels = Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7);
    const optimizer = new Adam(model.parameters(), { learningRate: 0.02 });
    let loss = Infinity;
    for (let step = 0; step < 60 && loss > 0.1; step++) {
      loss = withTape((tape) => {
        const mean = crossEntropy(model.forward(x), labels);
        tape.backward(mean);
        if (step === 0) {
          const without = [...model.namedParameters()].filter(([, p]) => !p.grad?.data.some((v) => v !== 0));
          expect(without.map(([key]) => key)).toEqual(['whiten.weight']);
        }
        optimizer.step();
        return mean.item();
      });
    }
    expect(loss).toBeLessThan(0.1);
  });

  it('takes gray images, other numbers of classes, and widths', () => {
    const model = createModel('airbench91', { inChannels: 1, numClasses: 7, widthMultiplier: 1 / 8 }) as Airbench;
    expect(model.whiten.weight.shape).toEqual([8, 1, 2, 2]);
    expect(model.predict(images(2, 1, 28)).shape).toEqual([2, 7]);
    expect(model.predict(images(1, 1, 25)).shape).toEqual([1, 7]);
  });

  it('has a sentence for what it cannot take', () => {
    const model = createModel('airbench91');
    expect(() => model.predict(images(1, 3, 24))).toThrow(
      'airbench91: x [1, 3, 24, 24] has images of 24x24 pixels, but needs at least 25x25. Enlarge them.',
    );
    expect(() => model.predict(images(1, 1))).toThrow('Pass inChannels=1 to createModel.');
  });

  it('halves the size in each block, before the batch norm', () => {
    expect(new AirbenchBlock(4, 6).forward(images(2, 4, 31)).shape).toEqual([2, 6, 15, 15]);
  });
});
