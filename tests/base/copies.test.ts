import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { version } from '../../src/base/version.js';

type Library = typeof import('../../testing/library.js');

let a: Library;
let b: Library;
const warnings = vi.spyOn(console, 'warn').mockImplementation(() => undefined);

/** What a copy that is loaded as a program of its own writes is looked at in tests/package/copies.test.ts. */
beforeAll(async () => {
  a = await import('../../testing/library.js');
  vi.resetModules();
  b = await import('../../testing/library.js');
  expect(a.Tensor).not.toBe(b.Tensor);
});
afterEach(() => a.useKernels('simd', { threads: 1 }));

const refused = /of another copy of stridenet, version \d+\.\d+\.\d+ \(.*\), which this copy, version .* cannot use/;

test('the version is that of package.json', () => {
  expect(version).toBe(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version);
});

test('the same file loaded again is no reason to warn', () => {
  expect(warnings).not.toHaveBeenCalled();
});

describe('a tensor of another copy', () => {
  test('is refused by operations on each table of kernels, before anything is computed', async () => {
    for (const table of ['simd', 'plain', 'reference'] as const) {
      await a.useKernels(table);
      const x = b.Tensor.from([[1, 2, 3, 4]]);
      const image = b.Tensor.ones([1, 1, 4, 4]);
      const own = a.Tensor.ones([1, 1, 3, 3]);
      const calls: (() => unknown)[] = [
        () => a.relu(x),
        () => a.add(a.Tensor.ones([4]), x),
        () => a.add(x, 1),
        () => a.concat([a.Tensor.ones([1, 4]), x]),
        () => a.reshape(x, [2, 2]),
        () => a.matmul(a.Tensor.ones([4, 1]), x),
        () => a.sum(x),
        () => a.softmax(x),
        () => a.argmax(x),
        () => a.slice(x, 1, 0, 2),
        () => a.conv2d(image, own, null),
        () => a.conv2d(a.Tensor.ones([1, 1, 4, 4]), b.Tensor.ones([1, 1, 3, 3]), null),
        () => a.conv2d(a.Tensor.ones([1, 1, 4, 4]), own, b.Tensor.ones([1])),
        () => a.maxPool2d(image, { kernelSize: 2 }),
        () => a.crossEntropy(x, [0]),
        () => a.crossEntropy(a.Tensor.ones([1, 4]), x),
        () => a.dropout(x, { p: 0.5, training: true }),
      ];
      for (const call of calls) expect(call, `${table}: ${call}`).toThrow(refused);
    }
  });

  test('is refused when it is running statistics, which stay as they were', () => {
    const [runningMean, runningVar] = [b.Tensor.zeros([1]), b.Tensor.ones([1])];
    const x = a.Tensor.from([1, 2, 3, 4], [1, 1, 2, 2]);
    expect(() => a.batchNorm2d(x, { training: true, runningMean, runningVar })).toThrow(refused);
    expect([runningMean.item(), runningVar.item()]).toEqual([0, 1]);
  });

  test('is refused by tapes and by keep', () => {
    const [x, foreign] = [a.Tensor.from([1, 2]), b.Tensor.from([1, 2])];
    a.withTape((tape) => {
      const y = a.sum(a.square(x));
      expect(() => tape.gradient(y, [foreign])).toThrow(/^Tape\.gradient: xs\[0\]: got a Tensor of another copy/);
      expect(() => tape.gradient(y, [x], { cotangent: foreign })).toThrow(refused);
      expect(() => tape.backward(b.sum(new b.Parameter([1])))).toThrow(
        /^Tape\.backward: the loss: got a Tensor of another copy/,
      );
      expect(tape.gradient(y, [x])[0].toArray()).toEqual([2, 4]);
      expect(() => a.keep(foreign)).toThrow(refused);
    });
  });

  test('is refused by an operation of somebody else that is recorded', () => {
    const x = b.Tensor.from([1]);
    expect(() => a.record('mine', [x], a.Tensor.ones([1]), () => undefined)).toThrow(/^mine: .*another copy/);
  });
});

describe('a module of another copy', () => {
  test('is refused as a field, in an array and in a Sequential, by name', () => {
    class Field extends a.Module {
      fc = new b.Linear(2, 2);
      forward(x: InstanceType<Library['Tensor']>) {
        return this.fc.forward(x);
      }
    }
    class List extends a.Module {
      layers = [new b.ReLU()];
      forward(x: InstanceType<Library['Tensor']>) {
        return x;
      }
    }
    expect(() => [...new Field().parameters()]).toThrow(/^Field\.fc: got a Linear of another copy/);
    expect(() => new Field().stateDict()).toThrow(refused);
    expect(() => new Field().predict(a.Tensor.ones([1, 2]))).toThrow(refused);
    expect(() => new List().train()).toThrow(/^List\.layers\.0: got a ReLU of another copy/);
    expect(() => new a.Sequential(new b.ReLU())).toThrow(/^Sequential: entry '0': got a ReLU of another copy/);
    expect(() => new a.Sequential({ act: new b.ReLU() })).toThrow(refused);
  });

  test('is refused where it would lend parameters', () => {
    class Own extends a.Module {
      weight = new b.Parameter([1]);
      forward(x: InstanceType<Library['Tensor']>) {
        return x;
      }
    }
    const linear = new b.Linear(2, 2);
    expect(() => new Own().stateDict()).toThrow(/^Own\.weight: got a Parameter of another copy/);
    expect(() => new a.SGD(linear.parameters() as never, { learningRate: 1 })).toThrow(
      /^SGD: group 0: got a Parameter/,
    );
    expect(() => new a.ExponentialMovingAverage(linear as never)).toThrow(refused);
  });

  test('does not get the batches of this one in fit, evaluate and predict', async () => {
    const model = b.createModel('cifar_net');
    const train = new a.DataLoader(a.synthetic({ length: 4 }), { batchSize: 2 });
    const optimizer = new b.SGD(model.parameters(), { learningRate: 0.1 });
    const options = { train, optimizer, epochs: 1 } as never;
    await expect(a.fit(model as never, options)).rejects.toThrow(refused);
    await expect(a.evaluate(model as never, train)).rejects.toThrow(refused);
    expect(() => model.predict(a.Tensor.ones([1, 3, 32, 32]) as never)).toThrow(refused);
  });

  test('gives its numbers through a state dict', () => {
    const [own, other] = [new a.Linear(2, 2), new b.Linear(2, 2)];
    own.loadStateDict(other.stateDict());
    expect(own.weight.toArray()).toEqual(other.weight.toArray());
  });
});

test('each copy goes on with its own, also after its memory has grown', () => {
  for (const library of [a, b]) {
    const before = library.Tensor.ones([4]);
    library.Tensor.zeros([2 ** 23]).dispose();
    expect(library.add(before, library.Tensor.ones([4])).toArray()).toEqual([2, 2, 2, 2]);
  }
});
