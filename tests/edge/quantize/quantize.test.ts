import { describe, expect, it, vi } from 'vitest';
import { manualSeed } from '../../../src/base/random.js';
import { QuantizedModel, quantize } from '../../../src/edge/index.js';
import { useKernels } from '../../../src/kernels/use.js';
import { BatchNorm2d, Conv2d, Linear, Module, ReLU, Sequential } from '../../../src/layers/index.js';
import { createModel } from '../../../src/models/index.js';
import { add } from '../../../src/tensor/ops/math/add.js';
import { globalAvgPool2d } from '../../../src/tensor/ops/nn/globalAvgPool2d.js';
import { relu } from '../../../src/tensor/ops/nn/relu.js';
import { silu } from '../../../src/tensor/ops/nn/silu.js';
import { softmax } from '../../../src/tensor/ops/nn/softmax.js';
import type { Parameter } from '../../../src/tensor/parameter.js';
import { Tensor } from '../../../src/tensor/tensor.js';
import { normals } from '../../../testing/arbitraries.js';

const shape = [1, 3, 8, 8];

class Small extends Module {
  conv1 = new Conv2d(3, 8, 3, { padding: 1 });
  bn1 = new BatchNorm2d(8);
  conv2 = new Conv2d(8, 8, 3, { padding: 1, groups: 2 });
  conv3 = new Conv2d(8, 8, 1);
  fc = new Linear(8, 5);
  override forward(x: Tensor): Tensor {
    const y = relu(this.bn1.forward(this.conv1.forward(x)));
    const z = silu(this.conv2.forward(y));
    return this.fc.forward(globalAvgPool2d(relu(add(this.conv3.forward(z), y))));
  }
}

function images(n: number, seed = 'images'): Tensor {
  return Tensor.from(normals([n, ...shape.slice(1)], seed), [n, ...shape.slice(1)]);
}

function relativeError(found: Tensor, wanted: Tensor): number {
  const [a, b] = [found.data, wanted.data];
  const sum = (of: (i: number) => number): number => Array.from(b, (_, i) => of(i)).reduce((s, v) => s + v, 0);
  return Math.sqrt(sum((i) => (a[i] - b[i]) ** 2) / sum((i) => b[i] ** 2));
}

const quiet = { maxDrop: 1 };

describe('quantize', () => {
  it('keeps answers within the steps of 8 bits, and the model as it is', async () => {
    const model = new Small().eval();
    const before = model.stateDict();
    const quantized = await quantize(model, { inputShape: shape, calibration: images(16), ...quiet });
    const x = images(4, 'new');
    expect(relativeError(quantized.predict(x), model.predict(x))).toBeLessThan(0.06);
    expect(model.stateDict()).toEqual(before);
    expect(quantized.floatOperations).toEqual([]);
    expect(quantized.predict(x).shape).toEqual([4, 5]);
  });

  it.each([
    ['7 bits', { weightBits: 7, activationBits: 7 }, 0.12],
    ['one scale per tensor', { perChannel: false }, 0.12],
    ['equalized layers and corrected biases', { equalize: true, biasCorrection: true }, 0.06],
    ['mse', { ranges: 'mse' }, 0.08],
    ['entropy', { ranges: 'entropy' }, 0.3],
    ['percentile', { ranges: 'percentile' }, 0.08],
  ] as const)('works with %s', async (_name, options, bound) => {
    const model = new Small().eval();
    const quantized = await quantize(model, { inputShape: shape, calibration: images(16), ...options, ...quiet });
    const x = images(4, 'new');
    expect(relativeError(quantized.predict(x), model.predict(x))).toBeLessThan(bound);
  });

  it('gives the same bits on every table of kernels and number of threads, and from a file', async () => {
    const model = new Small().eval();
    const x = images(2, 'new');
    for (const bits of [7, 8] as const) {
      const options = { inputShape: shape, calibration: images(8), weightBits: bits, activationBits: bits, ...quiet };
      const quantized = await quantize(model, options);
      const wanted = [...quantized.predict(x).data];
      const loaded = QuantizedModel.load(quantized.save());
      expect([...loaded.predict(x).data]).toEqual(wanted);
      for (const [table, threads] of [
        ['reference', 1],
        ['plain', 1],
        ['simd', 1],
        ['simd', 3],
      ] as const) {
        await useKernels(table, { threads });
        expect([...loaded.predict(x).data], `${table} ${threads}`).toEqual(wanted);
      }
      await useKernels('simd');
    }
  });

  it('balances neighboring layers without changing what they compute', async () => {
    class Pair extends Module {
      conv1 = new Conv2d(3, 8, 3);
      conv2 = new Conv2d(8, 8, 3, { groups: 8 });
      conv3 = new Conv2d(8, 4, 1);
      override forward(x: Tensor): Tensor {
        return this.conv3.forward(relu(this.conv2.forward(relu(this.conv1.forward(x)))));
      }
    }
    const model = new Pair().eval();
    // One channel is a hundred times as large as the others.
    model.conv1.weight.data.subarray(0, 27).forEach((v, i, all) => {
      all[i] = 100 * v;
    });
    model.conv2.weight.data.subarray(0, 9).forEach((v, i, all) => {
      all[i] = v / 100;
    });
    const options = { inputShape: shape, calibration: images(16), perChannel: false, ...quiet };
    const x = images(4, 'new');
    const error = async (equalize: boolean): Promise<number> =>
      relativeError((await quantize(model, { ...options, equalize })).predict(x), model.predict(x));
    const [plain, balanced] = [await error(false), await error(true)];
    expect(balanced).toBeLessThan(0.1);
    expect(plain).toBeGreaterThan(2 * balanced);
  });

  it('names what it leaves in float, and computes it', async () => {
    class WithSoftmax extends Small {
      override forward(x: Tensor): Tensor {
        return softmax(super.forward(x));
      }
    }
    const model = new WithSoftmax().eval();
    const options = { inputShape: shape, calibration: images(16), keepFloat: ['conv2'], ...quiet };
    const quantized = await quantize(model, options);
    expect(quantized.floatOperations).toEqual(['conv2 (convolution)', 'WithSoftmax (silu)', 'WithSoftmax (softmax)']);
    const x = images(3, 'new');
    const again = QuantizedModel.load(quantized.save());
    expect([...again.predict(x).data]).toEqual([...quantized.predict(x).data]);
    expect(relativeError(quantized.predict(x), model.predict(x))).toBeLessThan(0.05);
    const kept = await quantize(model, { inputShape: shape, calibration: images(16), keepFloat: 2, ...quiet });
    expect(kept.floatOperations.filter((name) => name.endsWith('(convolution)'))).toHaveLength(2);
  });

  it('reports sizes, times, accuracy and the error of each layer', async () => {
    const model = new Small().eval();
    const x = images(10);
    const labels = Int32Array.from({ length: 10 }, (_, i) => i % 5);
    const quantized = await quantize(model, { inputShape: shape, calibration: [{ x, labels }], ...quiet });
    const { report } = quantized;
    expect(report?.numbers).toMatchObject({ images: 10, onCalibration: true, weightBits: 8, perChannel: true });
    expect(report?.numbers.layers.map(({ name }) => name)).toContain('conv2');
    expect(String(report)).toContain('top-1');
    expect(report?.toHtml()).toContain('<h2>Error of each layer</h2>');
    expect(JSON.parse(JSON.stringify(report)).layers.length).toBeGreaterThan(3);
    expect(report?.worstLayers(2)).toHaveLength(2);
  });

  it('refuses to stay silent when accuracy falls', async () => {
    manualSeed(1);
    const model = new Small().eval();
    const x = images(40);
    // Without the mean of its logits, no class wins for every image.
    const logits = model.predict(x).data;
    const bias = model.fc.bias as Parameter;
    for (let i = 0; i < logits.length; i++) bias.data[i % 5] -= logits[i] / 40;
    const predicted = model.predict(x).data;
    const labels = Int32Array.from({ length: 40 }, (_, i) => {
      const row = predicted.subarray(5 * i, 5 * i + 5);
      return row.indexOf(Math.max(...row));
    });
    // A range from one image of tiny numbers cuts everything else off.
    const calibration = [
      Tensor.from(
        normals([1, 3, 8, 8], 'tiny').map((v) => v / 100),
        shape,
      ),
    ];
    const options = { inputShape: shape, calibration, validation: [{ x, labels }], maxDrop: 0.05 };
    await expect(quantize(model, { ...options, onDrop: 'throw' })).rejects.toThrow(/top-1 accuracy fell by .* points/);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await quantize(model, options);
    expect(warn.mock.calls.join()).toContain('maxDrop allows 5.00 points');
    warn.mockRestore();
  });

  it('says what is wrong with data and options', async () => {
    const model = new Small().eval();
    const of = (changes: object) => quantize(model, { inputShape: shape, calibration: images(2), ...changes });
    await expect(of({ calibration: [] })).rejects.toThrow('calibration has no images');
    await expect(of({ calibration: Tensor.zeros(shape) })).rejects.toThrow('every number of calibration is 0');
    await expect(of({ calibration: Tensor.full(shape, Number.NaN) })).rejects.toThrow(
      'image 0 of calibration holds NaN',
    );
    await expect(of({ calibration: Tensor.zeros([2, 3, 9, 9]) })).rejects.toThrow('asks for images of [N, 3, 8, 8]');
    await expect(of({ calibration: 7 })).rejects.toThrow('calibration is 7, but must be batches of images');
    await expect(of({ weightBits: 6 })).rejects.toThrow('weightBits is 6, but must be 7 or 8');
    await expect(of({ ranges: 'max' })).rejects.toThrow("ranges is 'max'");
    await expect(of({ keepFloat: ['conv4'] })).rejects.toThrow("Did you mean 'conv");
    const dead = new Small().eval();
    dead.conv3.bias?.data.fill(-1e6);
    const options = { inputShape: shape, calibration: images(2) };
    await expect(quantize(dead, options)).rejects.toThrow('gave only zeros on the calibration images');
  });
});

describe('a quantized model', () => {
  it('takes a quarter of the bytes within 3 %', async () => {
    const model = createModel('resnet20').eval();
    const x = Tensor.from(normals([2, 3, 32, 32], 'cifar'), [2, 3, 32, 32]);
    const quantized = await quantize(model, { inputShape: [1, 3, 32, 32], calibration: x, ...quiet });
    const floats = [...model.namedTensors()].reduce((sum, [, { size }]) => sum + 4 * size, 0);
    expect(quantized.save().length).toBeLessThan((1.03 * floats) / 4);
  });

  it('refuses other images and other files', async () => {
    const model = new Sequential(new Conv2d(3, 4, 3), new ReLU()).eval();
    const quantized = await quantize(model, { inputShape: shape, calibration: images(2), ...quiet });
    expect(() => quantized.predict(Tensor.zeros([1, 3, 9, 9]))).toThrow('was quantized for images of [N, 3, 8, 8]');
    expect(() => QuantizedModel.load(new Uint8Array(4))).toThrow('safetensors');
    const file = quantized.save();
    const broken = file.slice();
    const at = new TextDecoder('latin1').decode(file).indexOf('"conv');
    broken[at + 2] = 0x7a;
    expect(() => QuantizedModel.load(broken)).toThrow('is not known');
    expect(quantized.predict(images(2)).shape).toEqual([2, 4, 6, 6]);
    quantized.release();
    expect(quantized.predict(images(1)).shape).toEqual([1, 4, 6, 6]);
  });
});
