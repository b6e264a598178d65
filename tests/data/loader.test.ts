import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, DataError, DisposedError, ShapeError } from '../../src/base/errors.js';
import { manualSeed, RandomStream, randomState, restoreRandomState } from '../../src/base/random.js';
import { type Dataset, subset } from '../../src/data/dataset.js';
import { type Batch, DataLoader, type LoaderState } from '../../src/data/loader.js';
import type { DataLoaderOptions } from '../../src/data/loaderOptions.js';
import { pause } from '../../src/data/pause.js';
import {
  alternatingFlip,
  compose,
  normalize,
  randomCrop,
  randomHorizontalFlip,
  type Transform,
} from '../../src/data/transforms/index.js';
import { memoryInfo } from '../../src/memory/memory.js';
import { scope } from '../../src/tensor/scope.js';
import { withTape } from '../../src/tensor/tape.js';
import { keep, type Tensor } from '../../src/tensor/tensor.js';
import { freeGarbage } from '../../testing/garbage.js';
import { tinyImages } from '../../testing/images.js';

const augment = compose(randomCrop(1), randomHorizontalFlip());

/** A batch as plain values, copied while its tensor lives. */
function copy(batch: Batch): { indices: number[]; labels: number[]; x: number[]; shape: number[] } {
  return {
    indices: [...batch.indices],
    labels: [...batch.labels],
    x: [...batch.x.data],
    shape: [...batch.x.shape],
  };
}

async function collect(loader: DataLoader, mode: 'for' | 'for await'): Promise<ReturnType<typeof copy>[]> {
  const batches = [];
  if (mode === 'for') for (const batch of loader) batches.push(copy(batch));
  else for await (const batch of loader) batches.push(copy(batch));
  return batches;
}

test('batches hold the images in order, as floats from 0 to 1, with their labels', () => {
  const data = tinyImages(5);
  const loader = new DataLoader(data, { batchSize: 2 });
  const batches = [...map(loader, copy)];
  expect(loader.length).toBe(3);
  expect(batches.map((b) => b.indices)).toEqual([[0, 1], [2, 3], [4]]);
  expect(batches.map((b) => b.labels)).toEqual([[0, 1], [2, 0], [1]]);
  expect(batches.map((b) => b.shape)).toEqual([
    [2, 2, 3, 4],
    [2, 2, 3, 4],
    [1, 2, 3, 4],
  ]);
  expect(batches[2].x).toEqual(Array.from(data.image(4), (v) => Math.fround(v / 255)));
});

test('dropLast leaves out the batch that is not full', () => {
  expect(new DataLoader(tinyImages(5), { batchSize: 2, dropLast: true }).length).toBe(2);
  expect([...map(new DataLoader(tinyImages(5), { batchSize: 2, dropLast: true }), (b) => b.x.shape[0])]).toEqual([
    2, 2,
  ]);
});

describe.each(['for', 'for await'] as const)('in a %s loop', (mode) => {
  test('an epoch is a permutation, and the next one another', async () => {
    manualSeed(1);
    const loader = new DataLoader(tinyImages(50), { batchSize: 7, shuffle: true });
    const epochs = [await collect(loader, mode), await collect(loader, mode)];
    const orders = epochs.map((batches) => batches.flatMap((b) => b.indices));
    for (const order of orders)
      expect(order.slice().sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(orders[0]).not.toEqual(orders[1]);
    expect(epochs[0].flatMap((b) => b.labels)).toEqual(orders[0].map((i) => i % 3));
  });

  test('the same seed gives the same bytes, another seed others', async () => {
    const options = { batchSize: 4, shuffle: true, transform: augment };
    const run = async (seed: number): Promise<unknown> => {
      manualSeed(seed);
      const loader = new DataLoader(tinyImages(10), options);
      return [await collect(loader, mode), await collect(loader, mode)];
    };
    const first = await run(5);
    expect(await run(5)).toEqual(first);
    expect(await run(6)).not.toEqual(first);
  });

  test('a batch is released when the next is drawn, when the loop ends and when it is left', async () => {
    await freeGarbage();
    const before = memoryInfo().liveBytes;
    const seen: Tensor[] = [];
    const loader = new DataLoader(tinyImages(6), { batchSize: 2 });
    const look = (batch: Batch): void => {
      if (seen.length > 0) expect(() => seen[seen.length - 1].data).toThrow(DisposedError);
      expect(batch.x.data.length).toBe(48);
      seen.push(batch.x);
    };
    if (mode === 'for') for (const batch of loader) look(batch);
    else for await (const batch of loader) look(batch);
    expect(seen.map((x) => x.disposed)).toEqual([true, true, true]);
    if (mode === 'for')
      for (const batch of loader) {
        seen.push(batch.x);
        break;
      }
    else
      for await (const batch of loader) {
        seen.push(batch.x);
        break;
      }
    expect(seen[3].disposed).toBe(true);
    expect(memoryInfo().liveBytes).toBe(before);
  });
});

test('both loops and every prefetch deal out the same batches', async () => {
  const data = tinyImages(23);
  const run = (mode: 'for' | 'for await', prefetch: number): Promise<unknown> =>
    collect(new DataLoader(data, { batchSize: 4, shuffle: true, transform: augment, seed: 3, prefetch }), mode);
  const expected = await run('for', 1);
  for (const prefetch of [0, 1, 3, 100]) expect(await run('for await', prefetch)).toEqual(expected);
});

test('batches are prepared ahead while the loop waits, and no more than asked for', async () => {
  let made = 0;
  const count: Transform = (image) => {
    made++;
    return image;
  };
  const loader = new DataLoader(tinyImages(8), { batchSize: 1, transform: count, prefetch: 2 });
  const ahead: number[] = [];
  let drawn = 0;
  for await (const _ of loader) {
    drawn++;
    for (let turn = 0; turn < 20; turn++) await pause();
    ahead.push(made - drawn);
  }
  expect(ahead).toEqual([2, 2, 2, 2, 2, 2, 1, 0]);
});

test('keep takes a batch out; a tape or scope inside the loop leaves it alone', () => {
  const loader = new DataLoader(tinyImages(4), { batchSize: 2 });
  const kept: Tensor[] = [];
  for (const { x } of loader) {
    scope(() => undefined);
    withTape(() => undefined);
    expect(x.disposed).toBe(false);
    kept.push(keep(x));
  }
  expect(kept.map((x) => x.disposed)).toEqual([false, false]);
  for (const x of kept) x.dispose();
});

test('a scope around the loop does not own the batches', () => {
  const before = memoryInfo().liveBytes;
  scope(() => {
    for (const { x } of new DataLoader(tinyImages(40), { batchSize: 1 })) {
      expect(memoryInfo().liveBytes - before).toBeLessThanOrEqual(2 * 4 * x.size + 256);
    }
  });
  expect(memoryInfo().liveBytes).toBe(before);
});

describe('stopped and restored', () => {
  const options: DataLoaderOptions = { batchSize: 3, shuffle: true, transform: augment };
  const data = tinyImages(11);

  test.each([undefined, 9])('anywhere in two epochs, the rest is the same bytes (seed %s)', (seed) => {
    for (let stop = 1; stop <= 8; stop++) {
      manualSeed(2);
      const whole = new DataLoader(data, { ...options, seed });
      const expected = [0, 1, 2].flatMap(() => [...map(whole, copy)]);

      manualSeed(2);
      const first = new DataLoader(data, { ...options, seed });
      const begun = drawAcrossEpochs(first, stop);
      const saved = JSON.parse(JSON.stringify({ loader: first.state(), random: randomState() }));

      manualSeed(77);
      restoreRandomState(saved.random);
      const second = new DataLoader(data, { ...options, seed });
      second.restore(saved.loader);
      expect(second.state()).toEqual(saved.loader);
      const rest = drawAcrossEpochs(second, expected.length - stop);
      expect([...begun, ...rest]).toEqual(expected);
      expect(second.state().epoch).toBe(2);
    }
  });

  test('a loop that is left and begun again is a new epoch', () => {
    const loader = new DataLoader(data, { ...options, seed: 1 });
    for (const _ of loader) break;
    expect(loader.state()).toMatchObject({ epoch: 0, batch: 1 });
    expect([...map(loader, (b) => b.indices.length)]).toEqual([3, 3, 3, 2]);
    expect(loader.state()).toMatchObject({ epoch: 1, batch: 4 });
  });

  test('a state that does not fit is refused', () => {
    const loader = new DataLoader(data, options);
    expect(() => loader.restore({ epoch: 0, batch: 9, seeds: null })).toThrow(
      'DataLoader.restore: epoch 0, batch 9 is no place in epochs of 4 batches.',
    );
  });
});

describe('alternating flips', () => {
  /** The epochs of a loader as left-right order of each image: whether it was mirrored. */
  const mirrored = (loader: DataLoader): boolean[] => {
    const flags: boolean[] = [];
    for (const { x, indices } of loader) {
      const row = x.shape[3];
      indices.forEach((index, n) => {
        const own = data.image(index);
        flags[index] = Math.round(255 * x.data[n * (x.size / indices.length)]) === own[row - 1];
      });
    }
    return flags;
  };
  // Each row rises, so that an image is never its own mirror.
  const shape = [1, 1, 4] as const;
  const image = Uint8Array.of(10, 20, 30, 40);
  const data: Dataset = { length: 400, shape, classes: ['any'], image: () => image, label: () => 0 };
  const options: DataLoaderOptions = { batchSize: 64, shuffle: true, transform: alternatingFlip() };

  test('half of the images in the first epoch, the other half in the next, and so on', () => {
    const loader = new DataLoader(data, { ...options, seed: 5 });
    const [first, second, third] = [0, 1, 2].map(() => mirrored(loader));
    expect(second).toEqual(first.map((flag) => !flag));
    expect(third).toEqual(first);
    // Binomial: 200 with a deviation of 10; five of those.
    expect(Math.abs(first.filter(Boolean).length - 200)).toBeLessThan(50);
    expect(mirrored(new DataLoader(data, { ...options, seed: 6 }))).not.toEqual(first);
  });

  test('the coins are the same after a restore', () => {
    const whole = new DataLoader(data, { ...options, seed: 5 });
    const epochs = [0, 1, 2].map(() => mirrored(whole));
    const begun = new DataLoader(data, { ...options, seed: 5 });
    mirrored(begun);
    const rest = new DataLoader(data, { ...options, seed: 5 });
    rest.restore(JSON.parse(JSON.stringify(begun.state())));
    expect([mirrored(rest), mirrored(rest)]).toEqual(epochs.slice(1));
  });

  test('outside of a loader there is no epoch', () => {
    const image = { data: new Float32Array(4), channels: 1, height: 1, width: 4 };
    expect(() => alternatingFlip()(image, new RandomStream(''))).toThrow('alternatingFlip: no epoch and index');
  });
});

test('a loader without chance touches no random stream', () => {
  manualSeed(4);
  for (const _ of new DataLoader(tinyImages(3), { batchSize: 2 }));
  expect(randomState().streams).toEqual({});
});

test('normalize comes after the transforms', () => {
  const black: Transform = (image) => {
    image.data.fill(0);
    return image;
  };
  const norm = { mean: [0.5, 0.25], std: [0.5, 0.25] };
  const [batch] = map(new DataLoader(tinyImages(1), { batchSize: 1, transform: black, normalize: norm }), copy);
  expect(new Set(batch.x)).toEqual(new Set([-1]));
});

test('the normalize option and the transform give the same bits', () => {
  const norm = { mean: [0.4, 0.5], std: [0.2, 0.3] };
  const [a] = map(new DataLoader(tinyImages(3), { batchSize: 3, normalize: norm }), copy);
  const [b] = map(new DataLoader(tinyImages(3), { batchSize: 3, transform: normalize(norm.mean, norm.std) }), copy);
  expect(a).toEqual(b);
});

test('transforms may change the size of all images', () => {
  const firstRow: Transform = ({ data, channels, width }) => ({
    data: data.slice(0, channels * width),
    channels,
    height: 1,
    width,
  });
  const [batch] = map(new DataLoader(tinyImages(3), { batchSize: 3, transform: firstRow }), copy);
  expect(batch.shape).toEqual([3, 2, 1, 4]);
  expect([batch.x[0], batch.x[8], batch.x[16]]).toEqual([0, 1, 2].map((v) => Math.fround(v / 255)));
});

test('any data set and batch size: every image once, batches full but the last', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      (n, batchSize, shuffle) => {
        const loader = new DataLoader(tinyImages(n), { batchSize, shuffle });
        const batches = [...map(loader, copy)];
        expect(batches.length).toBe(loader.length);
        for (const { indices, x } of batches)
          expect(indices.map((_, k) => x[k * 24])).toEqual(indices.map((i) => Math.fround(i / 255)));
        expect(batches.flatMap((b) => b.indices).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(batches.slice(0, -1).every((b) => b.indices.length === batchSize)).toBe(true);
      },
    ),
  );
});

test('errors say what was found', async () => {
  const data = tinyImages(3);
  expect(() => new DataLoader(subset(data, []), { batchSize: 1 })).toThrow(DataError);
  expect(() => new DataLoader(subset(data, []), { batchSize: 1 })).toThrow('the data set is empty');
  expect(() => new DataLoader(data, { batchSize: 0 })).toThrow(ArgumentError);
  expect(() => new DataLoader(data, { batchSize: 1.5 })).toThrow('batchSize is 1.5');
  expect(() => new DataLoader(data, { batchSize: 2, shufle: true } as DataLoaderOptions)).toThrow(
    "DataLoader: there is no option 'shufle'. Did you mean 'shuffle'?",
  );
  expect(() => new DataLoader(data, { batchSize: 1, prefetch: -1 })).toThrow('prefetch is -1');
  expect(() => new DataLoader(data, { batchSize: 4, dropLast: true })).toThrow(
    'holds 3 images, fewer than one batch of 4',
  );
  let width = 4;
  const uneven: Transform = ({ data, channels, height }) => ({ data, channels, height, width: width++ });
  const run = async (): Promise<unknown> =>
    collect(new DataLoader(data, { batchSize: 3, transform: uneven }), 'for await');
  await expect(run()).rejects.toThrow(ShapeError);
  width = 4;
  await expect(run()).rejects.toThrow('image 1 has 24 values after the transforms, but says it is [2, 3, 5].');
});

test('a state that no loader gave is refused, and the loader stays where it was', () => {
  const loader = new DataLoader(tinyImages(8), { batchSize: 2, shuffle: true, seed: 3 });
  for (const _ of loader) break;
  const before = loader.state();
  const bad: unknown[] = [null, {}, { ...before, seeds: undefined }, { ...before, seeds: { shuffle: 1 } }];
  bad.push({ ...before, streams: { shuffle: before.streams?.shuffle } }, { ...before, firstAugment: '1' });
  bad.push({ ...before, batch: 5 }, { ...before, epoch: -1 });
  for (const state of bad) expect(() => loader.restore(state as LoaderState)).toThrow(ArgumentError);
  expect(loader.state()).toEqual(before);
});

function drawAcrossEpochs(loader: DataLoader, count: number): ReturnType<typeof copy>[] {
  const batches: ReturnType<typeof copy>[] = [];
  while (batches.length < count) {
    for (const batch of loader) {
      batches.push(copy(batch));
      if (batches.length === count) break;
    }
  }
  return batches;
}

function* map<T>(loader: DataLoader, fn: (batch: Batch) => T): Generator<T> {
  for (const batch of loader) yield fn(batch);
}
