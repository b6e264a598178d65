import { describe, expect, test } from 'vitest';
import {
  deletionInsertion,
  featureMaps,
  firstFilters,
  gradCam,
  guidedBackprop,
  hiResCam,
  integratedGradients,
  maximizeActivation,
  occlusion,
  randomizationTest,
  rankCorrelation,
  saliency,
  smoothGrad,
} from '../../src/explain/index.js';
import {
  Conv2d,
  createModel,
  globalAvgPool2d,
  Linear,
  Module,
  manualSeed,
  mean,
  relu,
  Tensor,
  type Tensor as TensorType,
} from '../../src/index.js';

/** The logit of class k is the mean of the pixels of channel k. */
class Sums extends Module {
  conv = new Conv2d(2, 2, 1, { bias: false });

  constructor() {
    super();
    this.conv.weight.data.set([1, 0, 0, 1]);
  }

  forward(x: TensorType): TensorType {
    return globalAvgPool2d(relu(this.conv.forward(x)));
  }
}

const pixels = Tensor.from([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]);

describe('by hand', () => {
  const model = new Sums();

  test('each pixel of the channel has the same gradient', () => {
    expect(saliency(model, pixels, { target: 0 }).toArray()).toEqual([
      [
        [0.25, 0.25],
        [0.25, 0.25],
      ],
    ]);
  });

  test('integrated gradients give each pixel its share of the sum', () => {
    const { attributions, difference, error } = integratedGradients(model, pixels, { target: 1, steps: 4 });
    expect(attributions.toArray()).toEqual([
      [
        [
          [0, 0],
          [0, 0],
        ],
        [
          [1.25, 1.5],
          [1.75, 2],
        ],
      ],
    ]);
    expect(difference).toEqual([6.5]);
    expect(error[0]).toBeLessThan(1e-6);
  });

  test('adaptive steps of integrated gradients find a steep place that even ones pass over', () => {
    // The logit rises from 0 to 3 while the mean of the pixels rises from 0.3 to 0.33.
    class Ramp extends Module {
      fc1 = new Linear(1, 2);
      fc2 = new Linear(2, 1, { bias: false });
      forward(x: TensorType): TensorType {
        return this.fc2.forward(relu(this.fc1.forward(globalAvgPool2d(x))));
      }
    }
    const ramp = new Ramp();
    ramp.fc1.weight.data.set([100, 100]);
    ramp.fc1.bias?.data.set([-30, -33]);
    ramp.fc2.weight.data.set([1, -1]);
    const ones = Tensor.from([1, 1, 1, 1], [1, 1, 2, 2]);
    const even = integratedGradients(ramp, ones, { target: 1, steps: 16, rule: 'midpoint' });
    const adaptive = integratedGradients(ramp, ones, { target: 1, steps: 16 });
    expect(even.error).toEqual([1]);
    expect(even.uncorrectedError).toEqual([1]);
    expect(adaptive.uncorrectedError[0]).toBeLessThan(0.15);
    expect(adaptive.error[0]).toBeLessThan(1e-5);
    for (const value of adaptive.attributions.data) expect(value).toBeCloseTo(0.75, 4);
  });

  test('occlusion gives each pixel what the logit loses without it', () => {
    expect(occlusion(model, pixels, { target: 0, window: 1 }).toArray()).toEqual([
      [
        [0.25, 0.5],
        [0.75, 1],
      ],
    ]);
  });

  test('the likeliest class is explained unless another is named', () => {
    expect(saliency(model, pixels).toArray()).toEqual(saliency(model, pixels, { target: 1 }).toArray());
  });
});

describe('a network', () => {
  manualSeed(5);
  const model = createModel('resnet20').eval();
  const [n, side] = [3, 16];
  const x = Tensor.from(
    Float32Array.from({ length: n * 3 * side * side }, (_, i) => Math.sin(i * 0.37) + Math.cos(i * 0.011)),
    [n, 3, side, side],
  );

  test('of pictures in a batch, each gets the map that it gets alone', () => {
    const target = [2, 5, 7];
    const together = gradCam(model, x, { target, layer: 'layer3' });
    for (let i = 0; i < n; i++) {
      const size = 3 * side * side;
      const alone = Tensor.from(x.data.slice(i * size, (i + 1) * size), [1, 3, side, side]);
      const map = gradCam(model, alone, { target: target[i], layer: 'layer3' });
      for (const [p, value] of [...map.data].entries()) expect(together.data[i * 16 + p]).toBeCloseTo(value, 5);
    }
  });

  test('leaves no hook, no mode and no gradient behind', () => {
    model.train();
    const before = model.predict(x).toArray();
    saliency(model, x);
    guidedBackprop(model, x);
    gradCam(model, x);
    expect(model.training).toBe(true);
    expect(model.predict(x).toArray()).toEqual(before);
    for (const [, module] of model.namedModules()) expect(Object.hasOwn(module, 'forward')).toBe(false);
    model.eval();
  });

  test('signed maps add up to the logit where one linear layer follows', () => {
    const map = hiResCam(model, x, { target: 4, signed: true });
    const bias = [...model.namedParameters()].find(
      ([name]) => name.endsWith('linear.bias') || name.endsWith('fc.bias'),
    )?.[1];
    const logits = model.predict(x).toArray(2);
    for (let i = 0; i < n; i++) {
      const sum = map.data.slice(i * 16, (i + 1) * 16).reduce((total, value) => total + value, 0);
      expect(sum + (bias?.data[4] ?? 0)).toBeCloseTo(logits[i][4], 3);
    }
  });

  test('integrated gradients are complete', () => {
    const { attributions, difference, error } = integratedGradients(model, x, { target: 1, steps: 12, baseline: 0.7 });
    for (const [n, whole] of difference.entries()) {
      expect(error[n]).toBeLessThan(1e-6);
      const own = attributions.data.slice((n * x.size) / 3, ((n + 1) * x.size) / 3);
      const sum = own.reduce((total, value) => total + value, 0);
      expect(Math.abs(sum - whole)).toBeLessThan(1e-3 * Math.abs(whole));
    }
  });

  test('the randomization test tells maps of the answer from maps of the picture', () => {
    const before = model.predict(x).toArray();
    const ofPicture = randomizationTest(model, () => mean(x, 1), { draws: 2 });
    expect(ofPicture.signed).toBeCloseTo(1);
    expect(ofPicture.absolute).toBeCloseTo(1);
    const ofAnswer = randomizationTest(model, () => hiResCam(model, x, { target: 1, layer: 'layer2', signed: true }), {
      draws: 6,
    });
    expect(Math.abs(ofAnswer.signed)).toBeLessThan(0.5);
    expect(ofAnswer.deviation).toBeGreaterThan(0.05);
    expect(model.predict(x).toArray()).toEqual(before);
  });

  test('smoothGrad without noise is saliency, and the same seed gives the same', () => {
    const plain = saliency(model, x, { target: 0 });
    expect(smoothGrad(model, x, { target: 0, noise: 0, samples: 1 }).toArray()).toEqual(plain.toArray());
    const options = { target: 0, samples: 2 };
    expect(smoothGrad(model, x, options).toArray()).toEqual(smoothGrad(model, x, options).toArray());
  });

  test('filters and maps of its layers', () => {
    expect(firstFilters(model)).toHaveLength(16);
    expect(firstFilters(model)[0]).toMatchObject({ width: 3, height: 3 });
    expect(featureMaps(model, x, { layer: 'layer1' }).shape).toEqual([3, 16, 16, 16]);
    expect(featureMaps(model, x).shape).toEqual([3, 64, 4, 4]);
  });

  test('a picture that a class answers to is found', () => {
    const { before, after, picture } = maximizeActivation(model, [3, 16, 16], {
      channel: 3,
      steps: 15,
      stepSize: 0.2,
      jitter: 0,
    });
    expect(after).toBeGreaterThan(before + 0.3);
    expect(picture.shape).toEqual([1, 3, 16, 16]);
  });
});

describe('deletionInsertion', () => {
  test('is lower for deletion and higher for insertion when the map is right', () => {
    const x = Tensor.from([0, 0, 0, 0, 1, 2, 3, 6], [1, 2, 2, 2]);
    const map = { width: 2, height: 2, data: Float32Array.of(1, 2, 3, 6) };
    const turned = { ...map, data: map.data.map((value) => -value) };
    const [good, bad] = [map, turned].map((each) => deletionInsertion(new Sums(), x, 1, each, { steps: 4 }));
    expect(good.deletion).toBeLessThan(bad.deletion - 0.1);
    expect(good.insertion).toBeGreaterThan(bad.insertion + 0.1);
  });
});

describe('a model of one logit', () => {
  class Single extends Module {
    conv = new Conv2d(3, 4, 3);
    fc = new Linear(4, 1);
    forward(x: TensorType): TensorType {
      return this.fc.forward(globalAvgPool2d(relu(this.conv.forward(x))));
    }
  }

  test('explains no as the opposite of yes', () => {
    manualSeed(1);
    const model = new Single();
    const x = Tensor.from(
      Float32Array.from({ length: 300 }, (_, i) => Math.sin(i)),
      [1, 3, 10, 10],
    );
    const [yes, no] = [1, 0].map((target) => hiResCam(model, x, { target, layer: 'conv', signed: true }).toArray(3));
    expect(no.flat(2)).toEqual(yes.flat(2).map((value) => -value));
  });
});

describe('rankCorrelation', () => {
  test('by hand', () => {
    expect(rankCorrelation([1, 2, 3], [10, 20, 15])).toBeCloseTo(0.5);
    expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1);
    expect(rankCorrelation([1, 1, 1], [3, 2, 1])).toBe(0);
  });
});

describe('mistakes', () => {
  test('are told in sentences', () => {
    const model = new Sums();
    expect(() => saliency(model, pixels, { target: 2 })).toThrow(
      'saliency: target is 2, but the model has the classes 0 to 1.',
    );
    expect(() => saliency(model, pixels, { target: [0, 1] })).toThrow('target has 2 classes, but there are 1 pictures');
    expect(() => gradCam(model, pixels, { layer: 'conf' })).toThrow(
      "the model has no layer 'conf'. Did you mean 'conv'?",
    );
    expect(() => saliency({} as Module, pixels)).toThrow('the first argument must be a model');
    expect(() => saliency(model, Tensor.from([1], [1]))).toThrow('x is [1], but must be pictures [N, C, H, W]');
    expect(() => occlusion(model, pixels, { window: 5 })).toThrow(
      'the window of 5 x 5 is larger than the pictures of 2 x 2',
    );
  });
});
