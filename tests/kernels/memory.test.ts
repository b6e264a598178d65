import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OutOfMemoryError } from '../../src/base/errors.js';
import { manualSeed } from '../../src/base/random.js';
import { kernelInfo, useKernels } from '../../src/kernels/use.js';
import { heap, memoryInfo, withHeap, workspace } from '../../src/memory/memory.js';
import { createModel } from '../../src/models/index.js';
import { SGD } from '../../src/optim/sgd.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { conv2d } from '../../src/tensor/ops/nn/conv2d.js';
import { scope } from '../../src/tensor/scope.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { Program } from '../../src/wasm/program.js';
import { wholes } from '../../testing/arbitraries.js';
import { nameOfStep, ops, randomStep } from '../../testing/randomSteps.js';

const GIBIBYTE = 2 ** 30;
const MEBIBYTE = 2 ** 20;
const STEPS = [...Array(2 * Object.keys(ops).length).keys()];

/** The answers of every step on one thread of the ordinary heap. */
let answers: Float32Array[][] = [];

/** Fails with the name of the operation where a bit differs. */
function expectSameBits(step: number): void {
  const found = randomStep(step);
  const bits = (values: Float32Array): Int32Array => new Int32Array(values.buffer, values.byteOffset, values.length);
  found.forEach((values, k) => {
    const wanted = bits(answers[step][k]);
    const at = bits(values).findIndex((bit, i) => bit !== wanted[i]);
    if (at >= 0)
      expect.fail(
        `${nameOfStep(step)}, step ${step}: output ${k} [${at}] is ${values[at]}, not ${answers[step][k][at]}`,
      );
  });
}

beforeAll(async () => {
  await useKernels('simd', { threads: 1 });
  answers = STEPS.map(randomStep);
});

afterAll(() => useKernels('simd', { threads: 1 }));

describe('simd kernels', () => {
  it.each([2, 3])('give the same bits on %i threads as on one', async (threads) => {
    await useKernels('simd', { threads });
    expect(kernelInfo().threads).toBe(threads);
    // Let the workers arrive.
    await new Promise((done) => setTimeout(done, 300));
    for (const step of STEPS) expectSameBits(step);
  });

  it.each([1, 3])('give the same bits wherever the work is cut: after every %i units', async (grain) => {
    await useKernels('simd', { threads: 2 });
    const { call } = Program.prototype;
    const cut = vi.spyOn(Program.prototype, 'call').mockImplementation(function (this: Program, entry, values, units) {
      call.call(this, entry, values, units, grain);
    });
    try {
      for (const step of STEPS) expectSameBits(step);
      expect(cut).toHaveBeenCalled();
    } finally {
      cut.mockRestore();
    }
  });

  it.each([true, false])('lose nothing when every allocation grows the memory, shared: %s', async (shared) => {
    await useKernels('simd', { threads: 1 });
    for (const step of STEPS) {
      withHeap({ shared, maximumBytes: GIBIBYTE }, (h) => {
        const allocate = h.allocate.bind(h);
        // A plain memory detaches each view that exists then, whether an operation or a kernel asks.
        h.allocate = (bytes, who) => {
          h.memory.grow(1);
          return allocate(bytes, who);
        };
        expectSameBits(step);
      });
    }
  });

  it('work across 2 GiB and above it, where a pointer is a negative integer', () => {
    const run = (below: number): void => {
      withHeap({ shared: true }, (h) => {
        // Pages that nobody touches cost nothing.
        expect(h.allocate(below, 'test')).toBeLessThan(2 ** 31);
        for (const step of STEPS) expectSameBits(step);
      });
    };
    // Blocks on both sides of the border, at distances that let tensors of many sizes straddle it.
    for (const distance of [256, 1000, 40_000, 300_000]) run(2 ** 31 - distance);
    run(2 ** 31 + MEBIBYTE);
    run(3 * GIBIBYTE);
  });

  it('work above 2 GiB on two threads', () => {
    withHeap({ shared: true }, (h) => {
      h.allocate(2.5 * GIBIBYTE, 'test');
      void useKernels('simd', { threads: 2 });
      for (const step of STEPS.slice(0, Object.keys(ops).length)) expectSameBits(step);
      void useKernels('simd', { threads: 1 });
    });
  });
});

describe('the heap', () => {
  it('grows to 4 GiB, and asking for more is an error that says what is there', () => {
    withHeap({}, (h) => {
      expect(h.maximumBytes).toBe(4 * GIBIBYTE);
      const x = Tensor.empty('test', [(3 * GIBIBYTE) / 4]);
      x.data[x.size - 1] = 5;
      expect(x.data[x.size - 1]).toBe(5);
      expect(() => Tensor.empty('relu', [(3 * GIBIBYTE) / 4])).toThrow(OutOfMemoryError);
      expect(() => Tensor.empty('relu', [(3 * GIBIBYTE) / 4])).toThrow(
        'relu: out of memory: asked for 3072.0 MiB, but the heap holds 3072.0 MiB and cannot grow past 4096.0 MiB in one piece.',
      );
      expect(() => Tensor.empty('relu', [2 * GIBIBYTE])).toThrow(/asked for 8192\.0 MiB/);
      x.dispose();
    });
  });

  it('counts the workspace of convolutions and uses it again', () => {
    withHeap({ shared: false, maximumBytes: GIBIBYTE }, () => {
      const x = Tensor.from(wholes(4 * 8 * 16 * 16, 1), [4, 8, 16, 16]);
      const w = Tensor.from(wholes(16 * 8 * 9, 2), [16, 8, 3, 3]);
      const run = (): number[] => scope(() => [...conv2d(x, w, null, { padding: 1 }).data.slice(0, 100)]);
      const first = run();
      const { workspaceBytes, liveBytes } = memoryInfo();
      expect(workspaceBytes).toBeGreaterThan(0);
      expect(liveBytes).toBeGreaterThanOrEqual(workspaceBytes);
      // What lies in it from somebody else changes nothing.
      workspace(workspaceBytes / 4, 'test').fill(Number.NaN);
      expect(run()).toEqual(first);
      expect(memoryInfo()).toMatchObject({ workspaceBytes, liveBytes });
    });
  });
});

describe.each([
  ['cifar_net', 4],
  ['resnet20', 4],
])('training %s', (name, batch) => {
  it.each([1, 2])('allocates nothing in its second step, on %i threads', async (threads) => {
    await useKernels('simd', { threads });
    manualSeed(1);
    const model = createModel(name, { numClasses: 10, widthMultiplier: 0.5 });
    const optimizer = new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9 });
    const x = Tensor.from(wholes(batch * 3 * 32 * 32, 1), [batch, 3, 32, 32]);
    const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
    const step = (): void => {
      withTape((tape) => tape.backward(crossEntropy(model.forward(x), labels)));
      optimizer.step();
    };
    step();
    const { heapBytes, liveBytes } = memoryInfo();
    let allocated = 0;
    const of = heap();
    const allocate = of.allocate.bind(of);
    of.allocate = (bytes, who) => {
      const before = of.heapBytes;
      const pointer = allocate(bytes, who);
      allocated += of.heapBytes - before;
      return pointer;
    };
    step();
    // The momentum is there from the start of this step on; from then on the peak stays where it is.
    const second = memoryInfo();
    expect(second).toMatchObject({ heapBytes, liveBytes });
    for (let i = 0; i < 4; i++) step();
    of.allocate = allocate;
    expect(allocated).toBe(0);
    expect(memoryInfo()).toEqual(second);
  });
});
