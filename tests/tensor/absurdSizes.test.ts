import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as S from '../../src/index.js';
import { blockSize, type Heap } from '../../src/memory/heap.js';
import { withHeap } from '../../src/memory/memory.js';
import { seed } from '../../testing/arbitraries.js';
import { layerCalls, operationCalls } from '../../testing/operationCalls.js';

const { Tensor } = S;
const MEBIBYTE = 2 ** 20;
const SMALL = 4 * MEBIBYTE;

const ABSURD = [
  ...[
    2 ** 16,
    200_000,
    2 ** 20,
    5e8,
    2 ** 28,
    2 ** 29,
    2 ** 30,
    2 ** 30 + 1,
    1e9,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 33,
  ],
  ...[
    2 ** 46,
    2 ** 53 - 1,
    2 ** 53,
    1e18,
    1e300,
    Number.MAX_VALUE,
    Infinity,
    -Infinity,
    NaN,
    -1,
    -5e8,
    -(2 ** 31),
    0.5,
    -0,
  ],
];
const sizes = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ABSURD) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 53 - 1 }) },
);

type Leaf = { path: readonly (string | number)[] };

/** Where numbers stand among arguments, tensors left out. */
function numbersIn(value: unknown, path: (string | number)[] = []): Leaf[] {
  if (typeof value === 'number') return [{ path }];
  if (typeof value !== 'object' || value === null || value instanceof Tensor) return [];
  return Object.entries(value).flatMap(([key, v]) => numbersIn(v, [...path, key]));
}

function replace(value: unknown, path: readonly (string | number)[], by: number): unknown {
  if (path.length === 0) return by;
  const [key, ...rest] = path;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[key] = replace(copy[key], rest, by);
  return copy;
}

/** What takes a number somewhere. */
const takers = [...operationCalls, ...layerCalls].filter(({ args }) => numbersIn(args()).length > 0);

/** What the heap holds besides the workspace, which stays as large as the largest request that it could meet. */
function heldOf(heap: Heap): number {
  const { workspaceBytes } = S.memoryInfo();
  return heap.liveBytes - (workspaceBytes > 0 ? blockSize(workspaceBytes) : 0);
}

/** No scope releases a parameter. */
function discard(value: unknown): void {
  if (!(value instanceof S.Parameter)) return;
  value.grad?.dispose();
  value.dispose();
}

/** Runs `fn`: a result or an error of ours, soon, and with little memory outside of the heap. */
function tame(what: () => string, fn: () => unknown): void {
  const host = process.memoryUsage();
  const start = process.cpuUsage();
  try {
    S.scope(() => discard(fn()));
  } catch (error) {
    if (!(error instanceof S.StridenetError)) {
      const { name, message, stack } = error as Error;
      throw new Error(`${what()}: ${name}: ${message} ${stack?.split('\n').slice(1, 4).join(' ')}`);
    }
  }
  // Of the processor, not of the clock: other programs may be running.
  const { user, system } = process.cpuUsage(start);
  const took = (user + system) / 1000;
  if (took > 2000) throw new Error(`${what()}: took ${took} ms`);
  const after = process.memoryUsage();
  const grown = after.arrayBuffers - host.arrayBuffers + Math.max(0, after.heapUsed - host.heapUsed);
  if (grown > 256 * MEBIBYTE) throw new Error(`${what()}: took ${grown / MEBIBYTE} MiB`);
}

describe.each(['plain', 'simd'] as const)('absurd sizes for every operation that takes one, on %s kernels', (table) => {
  beforeAll(() => S.useKernels(table, table === 'simd' ? { threads: 1 } : {}));
  afterAll(() => S.useKernels('simd'));

  it('are refused by an error of ours, or computed, at once and in little memory', () => {
    const drawn = fc.record({
      taker: fc.constantFrom(...takers),
      places: fc.array(fc.tuple(fc.nat(), sizes), { minLength: 1, maxLength: 4 }),
      empty: fc.boolean(),
    });
    // Small, so that what it has room for is computed soon.
    withHeap({ maximumBytes: SMALL }, (heap) => {
      // What the constructor of a layer made before it failed is garbage, which the collector gives back.
      let garbage = 0;
      const property = fc.property(drawn, ({ taker, places, empty }) => {
        S.scope(() => {
          let args = taker.args();
          for (const [which, size] of places) {
            const leaves = numbersIn(args);
            args = replace(args, leaves[which % leaves.length].path, size) as readonly unknown[];
          }
          // Without images there is no output that would be too large, but tables for its sides might be.
          if (empty && args[0] instanceof Tensor && args[0].shape.length === 4) {
            args = [Tensor.zeros([0, ...args[0].shape.slice(1)]), ...args.slice(1)];
          }
          const shown = (): string =>
            `${taker.name} ${JSON.stringify(args, (_, v) => (v instanceof Tensor ? String(v) : v))}`;
          const held = heldOf(heap);
          const isLayer = /^[A-Z]/.test(taker.name);
          try {
            tame(shown, () => taker.run(...(args as never[])));
          } finally {
            if (isLayer) garbage += heldOf(heap) - held;
          }
          for (const arg of args) discard(arg);
        });
      });
      const options = { seed: fc.sample(seed, 1)[0], numRuns: 250 };
      fc.assert(property, options);
      const before = heldOf(heap) - garbage;
      fc.assert(property, options);
      // The scratch of SIMD kernels depends on what came before; all else was given back.
      if (table === 'plain') expect(heldOf(heap) - garbage, `seed ${options.seed}`).toBe(before);
    });
  });

  it('of tensors and views are refused too, whatever is made of them', () => {
    const shapes = fc.array(fc.oneof(sizes, fc.constantFrom(0, 1, 2)), { minLength: 1, maxLength: 4 });
    const uses: readonly ((x: S.Tensor) => unknown)[] = [
      (x) => S.softmax(x),
      (x) => S.softmax(x, 0),
      (x) => S.sum(x, -1),
      (x) => S.add(x, S.unsqueeze(x, 0)),
      (x) => S.concat([x, x]),
      (x) => S.permute(x, [...x.shape.keys()].reverse()),
      (x) => S.split(x, Math.max(1, Math.ceil(x.shape[0] / 3))),
      (x) => S.matmul(x, S.reshape(x, [...x.shape].reverse())),
      (x) => S.matmul(S.unsqueeze(x, 0), S.unsqueeze(x, 1)),
      (x) => S.linear(x, Tensor.zeros([3, x.shape.at(-1) as number])),
      (x) => S.reshape(x, [-1, 3]),
      (x) => S.flatten(x, 0),
      (x) => S.layerNorm(x, x.shape.at(-1) as number),
      (x) => S.maxPool2d(x, { kernelSize: 1 }),
      (x) => S.batchNorm2d(x, { training: true }),
      (x) => x.toArray(),
      (x) => S.withTape((tape) => tape.gradient(S.mul(x, 2), [x])),
    ];
    withHeap({ maximumBytes: SMALL }, () => {
      fc.assert(
        fc.property(shapes, fc.constantFrom(...uses), (shape, use) => {
          tame(
            () => `${use} of [${shape}]`,
            () => use(Tensor.zeros(shape)),
          );
          tame(
            () => `${use} of a view [${shape}]`,
            () => use(S.reshape(Tensor.zeros([0]), shape)),
          );
        }),
        { numRuns: 200 },
      );
    });
  });
});

describe('an absurd size', () => {
  it('is OutOfMemoryError for every way to make a tensor, within milliseconds', () => {
    const makers: readonly ((shape: number[]) => unknown)[] = [
      Tensor.zeros,
      Tensor.ones,
      (shape) => Tensor.full(shape, 2),
      S.Parameter.zeros,
      (shape) => S.randn(shape),
      (shape) => S.uniform(shape),
      (shape) => Tensor.fromNdarray({ data: [1], shape, stride: shape.map(() => 0), offset: 0 }),
      (shape) => Tensor.from({ length: shape.reduce((a, b) => a * b), 0: 1 }),
      (shape) => Tensor.empty('test', shape),
    ];
    const start = performance.now();
    for (const shape of [[200_000, 200_000], [2 ** 46], [2 ** 40, 2 ** 40], [262_144, 262_144], [2 ** 30 + 1]]) {
      for (const make of makers) {
        expect(() => S.scope(() => void make(shape)), `${make} ${shape}`).toThrow(S.OutOfMemoryError);
      }
    }
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('costs the heap nothing: what fitted before fits after a hundred refusals', () => {
    withHeap({ maximumBytes: 64 * MEBIBYTE }, (heap) => {
      S.scope(() => void Tensor.empty('test', [8 * MEBIBYTE]));
      for (let i = 0; i < 100; i++) {
        expect(() => Tensor.zeros([2 ** (25 + (i % 40))])).toThrow(S.OutOfMemoryError);
        expect(() => S.pad(Tensor.zeros([1, 3, 8, 8]), [5e8, 0, 0, 0])).toThrow(S.OutOfMemoryError);
      }
      expect(heap.heapBytes).toBeLessThanOrEqual(64 * MEBIBYTE);
      expect(() => S.scope(() => void Tensor.empty('test', [8 * MEBIBYTE]))).not.toThrow();
    });
  });

  it('of an empty tensor is refused where loops would follow its other axes', () => {
    expect(() => Tensor.zeros([1e9, 0])).toThrow(S.OutOfMemoryError);
    expect(() => S.reshape(Tensor.zeros([0]), [0, 2 ** 40])).toThrow('is empty, but its other axes make');
    expect(Tensor.zeros([0, 64, 1024, 1024]).size).toBe(0);
    expect(() => Tensor.zeros([2 ** 25, 0]).toArray()).toThrow('is too many empty arrays');
  });

  it('of a layer is refused before numbers are drawn for it', () => {
    expect(() => new S.Linear(2 ** 29, 2 ** 29)).toThrow(S.OutOfMemoryError);
    expect(() => new S.Linear(2 ** 40, 1)).toThrow(
      'Linear: inFeatures is 1099511627776, but must be at most 1073741824.',
    );
    expect(() => new S.Conv2d(2 ** 20, 2 ** 20, 3)).toThrow(S.OutOfMemoryError);
  });
});
