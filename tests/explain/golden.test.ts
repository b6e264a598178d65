import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  gradCam,
  gradCamPlusPlus,
  guidedBackprop,
  heatmaps,
  hiResCam,
  integratedGradients,
  layerCam,
  occlusion,
  saliency,
  scoreCam,
} from '../../src/explain/index.js';
import { averageGradient } from '../../src/explain/smoothGrad.js';
import { Conv2d, globalAvgPool2d, Linear, Module, ReLU, Tensor } from '../../src/index.js';
import { formula } from '../golden/formula.js';

class Small extends Module {
  conv1 = new Conv2d(3, 6, 3, { padding: 1 });
  relu1 = new ReLU();
  conv2 = new Conv2d(6, 8, 3, { stride: 2, padding: 1 });
  relu2 = new ReLU();
  fc = new Linear(8, 5);

  forward(x: Tensor): Tensor {
    const y = this.relu1.forward(this.conv1.forward(x));
    return this.fc.forward(globalAvgPool2d(this.relu2.forward(this.conv2.forward(y))));
  }
}

const model = new Small().eval();
for (const [place, p] of [...model.parameters()].entries()) p.data.set(formula(p.shape, place, -0.5, 0.5));
const shape = [2, 3, 12, 10];
const x = Tensor.from(formula(shape, 100, -1, 1), shape);
const target = [3, 1];

const golden: Record<string, { shape: number[]; data: number[] }> = JSON.parse(
  readFileSync(new URL('../golden/explain.json', import.meta.url), 'utf8'),
);

function expectGolden(name: string, found: { shape: readonly number[]; data: ArrayLike<number> }): void {
  const { shape: expectedShape, data } = golden[name];
  expect([...found.shape]).toEqual(expectedShape);
  const largest = Math.max(...data.map(Math.abs));
  expect(largest).toBeGreaterThan(0);
  for (const [i, value] of data.entries()) expect(Math.abs(found.data[i] - value)).toBeLessThanOrEqual(1e-4 * largest);
}

describe('PyTorch gives the same', () => {
  test('saliency', () => expectGolden('saliency', saliency(model, x, { target })));

  test('smoothGrad', () => {
    const noises = [0, 1, 2, 3].map((i) => formula(shape, 200 + i, -0.3, 0.3));
    expectGolden('smoothGrad', { shape, data: averageGradient(model, x, target, noises) });
  });

  test('integratedGradients', () => {
    expectGolden('integratedGradients', integratedGradients(model, x, { target, rule: 'midpoint' }).attributions);
  });

  test('guidedBackprop', () => expectGolden('guidedBackprop', guidedBackprop(model, x, { target })));

  test('occlusion', () => {
    expectGolden('occlusion', occlusion(model, x, { target, window: 4, stride: 3, batchSize: 5 }));
  });

  test('an enlarged map', () => {
    const maps = heatmaps(gradCam(model, x, { target }), { height: 12, width: 10 });
    expectGolden('heatmap', { shape: [2, 12, 10], data: maps.flatMap(({ data }) => [...data]) });
  });

  describe.each(['relu1', 'conv2', 'relu2'])('of layer %s', (layer) => {
    test.each(Object.entries({ gradCam, gradCamPlusPlus, hiResCam, layerCam, scoreCam }))('%s', (name, method) => {
      expectGolden(`${name} ${layer}`, method(model, x, { target, layer }));
    });
  });
});
