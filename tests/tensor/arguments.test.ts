import { describe, expect, it } from 'vitest';
import * as S from '../../src/index.js';
import { layerCalls, operationCalls } from '../../testing/operationCalls.js';

const { Tensor } = S;
/** What no argument of any operation is. */
const wrong: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  'a number': () => 3,
  NaN: () => Number.NaN,
  'a bigint': () => 3n,
  'a string': () => 'relu',
  'a symbol': () => Symbol('x'),
  'an empty array': () => [],
  'nested arrays': () => [[1, 2], [3]],
  'an array of undefined': () => [undefined, undefined],
  'a sparse array': () => new Array(2 ** 31),
  'a typed array': () => Float32Array.of(1, 2),
  'big integers': () => BigInt64Array.of(1n, 2n),
  'an object': () => ({ padding: 1 }),
  'an object without a prototype': () => Object.assign(Object.create(null), { training: true }),
  'a function': () => () => 1,
  'a promise': () => Promise.resolve(1),
  'a map': () => new Map([[1, 2]]),
  'a tensor': () => Tensor.ones([2]),
  'an empty tensor': () => Tensor.zeros([0, 3]),
  'a released tensor': () => released(),
  'a module': () => new S.ReLU(),
};

function released(): S.Tensor {
  const x = Tensor.ones([2, 4]);
  x.dispose();
  return x;
}

describe('what an operation is given', () => {
  it('runs where it is sound', () => {
    for (const { name, run, args } of [...operationCalls, ...layerCalls]) {
      expect(() => S.scope(() => void run(...(args() as never[]))), name).not.toThrow();
    }
  });

  it.each(operationCalls)(
    'is a result or a StridenetError for $name, whatever stands for an argument',
    ({ run, args }) => {
      const count = args().length;
      for (let at = 0; at <= count; at++) {
        for (const [kind, value] of Object.entries(wrong)) {
          const given = [...args()];
          given[at] = value();
          expectOurs(`${kind} for argument ${at}`, () => run(...(given as never[])));
        }
        expectOurs(`only ${at} arguments`, () => run(...(args().slice(0, at) as never[])));
      }
    },
  );

  it.each(operationCalls)('is a result or a StridenetError for $name, whatever an option is', ({ run, args }) => {
    for (const [at, options] of args().entries()) {
      if (Object.getPrototypeOf(options ?? 0) !== Object.prototype) continue;
      for (const option of Object.keys(options as object)) {
        for (const [kind, value] of Object.entries(wrong)) {
          const given = [...args()];
          given[at] = { ...(given[at] as object), [option]: value() };
          expectOurs(`${kind} for ${option}`, () => run(...(given as never[])));
        }
      }
    }
  });
});

function expectOurs(what: string, fn: () => unknown): void {
  try {
    S.scope(() => void fn());
  } catch (error) {
    if (!(error instanceof S.StridenetError)) {
      const found = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      expect.fail(`${what}: ${found} ${error instanceof Error ? error.stack?.split('\n').slice(1, 4).join(' ') : ''}`);
    }
  }
}

describe('the sentence', () => {
  const x = Tensor.zeros([1, 3, 8, 8]);
  const w = Tensor.zeros([4, 3, 3, 3]);
  // As a program in JavaScript calls them.
  const loose = S as unknown as Record<string, (...args: unknown[]) => unknown>;

  it.each([
    [
      () => loose.conv2d(x, w, { padding: 1 }),
      'conv2d: b is an object { padding }, but must be a Tensor or null. Options come behind it: pass null for b, then the options.',
    ],
    [() => loose.conv2d(x, w, null, 2), 'conv2d: the options are the number 2, but must be an object such as { stride'],
    [() => loose.conv2d(x), 'conv2d: w is undefined, but must be a Tensor.'],
    [() => loose.linear([1, 2], w), 'linear: x is an array of 2, but must be a Tensor. Tensor.from(...) makes one'],
    [() => loose.relu(3), 'relu: x is the number 3, but must be a Tensor. Tensor.from(...) makes one of numbers.'],
    [() => loose.relu(Promise.resolve(x)), 'relu: x is a Promise, but must be a Tensor. Await it first.'],
    [() => loose.relu(new S.ReLU()), 'relu: x is a ReLU, but must be a Tensor.'],
    [() => loose.maxPool2d(x), 'maxPool2d: the options are missing, but must be an object such as { kernelSize: 2 }.'],
    [() => loose.maxPool2d(x, 2), 'maxPool2d: the options are the number 2, but must be an object such as'],
    [
      () => loose.batchNorm2d(x),
      'batchNorm2d: the options are missing, but must be an object such as { training: true }.',
    ],
    [
      () => loose.batchNorm2d(x, { weight: [1, 1, 1], training: true }),
      'batchNorm2d: weight is an array of 3, but must',
    ],
    [() => loose.dropout(x, 0.5), 'dropout: the options are the number 0.5, but must be an object such as'],
    [() => loose.add(x, [1]), 'add: b is an array of 1, but must be a Tensor or a number.'],
    [() => loose.elu(x, { alpha: 2 }), 'elu: alpha is an object { alpha }, but must be a number.'],
    [
      () => loose.gelu(x, 'tanh'),
      "gelu: the options are 'tanh', but must be an object such as { approximate: 'tanh' }.",
    ],
    [
      () => loose.concat(x),
      'concat: tensors is a Tensor, but must be an array or another iterable of Tensors. Put it in',
    ],
    [() => loose.concat([x, null]), 'concat: tensors[1] is null, but must be a Tensor.'],
    [() => loose.permute(x, 0), 'permute: axes is the number 0, but must be an array of numbers.'],
    [() => loose.crossEntropy(x), 'crossEntropy: logits has shape [1, 3, 8, 8]'],
    [() => loose.crossEntropy(Tensor.zeros([1, 3])), 'crossEntropy: labels is undefined, but must be class indices'],
    [() => loose.meanSquaredError(x, 0), 'meanSquaredError: target is the number 0, but must be a Tensor.'],
    [() => Tensor.zeros(5 as never), 'Tensor.full: the shape is the number 5, but must be an array of axes'],
    [() => Tensor.from(undefined as never), 'Tensor.from: values is undefined, but must be a number, nested arrays'],
    [
      () => Tensor.from(x as never),
      'Tensor.from: values is a Tensor, but must be a number, nested arrays of numbers or',
    ],
    [() => Tensor.from('123' as never), "Tensor.from: values is '123', but must be a number"],
    [() => Tensor.fromNdarray([1] as never), 'Tensor.fromNdarray: the view is an array of 1, but must have data'],
  ])('names the argument and what was found: %#', (fn, message) => {
    expect(fn).toThrow(S.StridenetError);
    expect(fn).toThrow(message);
  });

  it('is spared for a bias that is left out, and for a generator of tensors', () => {
    expect((loose.conv2d(x, w) as S.Tensor).shape).toEqual([1, 4, 6, 6]);
    expect((loose.convTranspose2d(x, Tensor.zeros([3, 2, 2, 2])) as S.Tensor).shape).toEqual([1, 2, 9, 9]);
    expect((loose.linear(Tensor.zeros([2, 3]), Tensor.zeros([4, 3])) as S.Tensor).shape).toEqual([2, 4]);
    const bias = { weight: undefined, bias: undefined, training: true };
    expect(S.batchNorm2d(x, bias as S.BatchNorm2dOptions).shape).toEqual([1, 3, 8, 8]);
    expect((loose.concat(new Set([x, w.shape.length > 0 ? Tensor.zeros([2, 3, 8, 8]) : x])) as S.Tensor).shape[0]).toBe(
      3,
    );
  });

  it('ends for arrays that contain themselves', () => {
    const endless: unknown[] = [];
    endless.push(endless);
    expect(() => Tensor.from(endless as never)).toThrow('nested more than 64 deep');
  });
});
