import { describe, expect, test } from 'vitest';
import { manualSeed } from '../../../src/base/random.js';
import { BatchNorm2d } from '../../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../../src/layers/conv2d.js';
import { Flatten } from '../../../src/layers/flatten.js';
import { Linear } from '../../../src/layers/linear.js';
import { ReLU } from '../../../src/layers/relu.js';
import { Sequential } from '../../../src/layers/sequential.js';
import { Adam } from '../../../src/optim/adam.js';
import { Lookahead } from '../../../src/optim/lookahead.js';
import { SGD } from '../../../src/optim/sgd.js';
import { crossEntropy } from '../../../src/tensor/ops/loss/crossEntropy.js';
import { Tensor } from '../../../src/tensor/tensor.js';
import type { Callback } from '../../../src/train/callbacks.js';
import { earlyStopping } from '../../../src/train/callbacks.js';
import { type Change, type RankResult, trained, trainRanks } from './trainRanks.js';

/** Fails unless all have the same bytes, and says where not. */
function expectSame(results: readonly RankResult[], reference: RankResult): void {
  for (const { checkpoint, history, model } of results) {
    if (Buffer.compare(checkpoint, reference.checkpoint) === 0) continue;
    expect(history.toJSON()).toEqual(reference.history.toJSON());
    const own = new Map([...model.stateDict()].map(([name, { data }]) => [name, [...data]]));
    expect(own).toEqual(new Map([...reference.model.stateDict()].map(([name, { data }]) => [name, [...data]])));
    expect(Buffer.compare(checkpoint, reference.checkpoint)).toBe(0);
  }
}

describe('fit in a group', () => {
  test('learns', async () => {
    const [{ history }] = await trained(2, () => ({ mix: undefined, labelSmoothing: undefined }));
    expect(history.epochs.at(-1)?.validationAccuracy).toBeGreaterThan(0.9);
    expect(history.stepLoss).toHaveLength(20);
  });

  test('leaves the same bytes after 20 steps on 1, 2, 4 and 8 ranks, on each of them', async () => {
    const [reference] = await trained(1);
    expect(reference.checkpoint.length).toBeGreaterThan(1000);
    for (const size of [2, 4, 8]) expectSame(await trained(size), reference);
  });

  test('does so with Adam, lookahead and batches smaller than the number of parts', async () => {
    const change: Change = (own, model) => ({
      optimizer: new Adam(model.parameters(), { learningRate: 0.01 }),
      lookahead: new Lookahead(model, { every: 3 }),
      average: undefined,
      train: [...Array(3)].map((_, k) => batchOf(k === 1 ? 5 : 11)),
      epochs: own.epochs,
    });
    const [reference] = await trained(1, change);
    for (const size of [2, 8]) expectSame(await trained(size, change), reference);
  });

  test('makes a difference when the parts are others', async () => {
    const [eight] = await trained(1);
    const [sixteen] = await trained(1, undefined, { microBatches: 16 });
    expect(eight.history.stepLoss).not.toEqual(sixteen.history.stepLoss);
  });

  test('goes on to the same bytes from a checkpoint, on another number of ranks, of which only rank 0 has the file', async () => {
    const [reference] = await trained(1);
    const half = await trained(4, () => ({ callbacks: [stopAt(7)] }));
    expect(half.map(({ history }) => history.stepLoss.length)).toEqual([7, 7, 7, 7]);
    // The callback that stopped is not part of what goes on.
    const saved = half[0].checkpoint;
    const rest = await trained(2, (_own, _model, group) => ({
      callbacks: [stopAt(99)],
      resume: group.rank === 0 ? saved : undefined,
    }));
    for (const { model, history } of rest) {
      expect(history.stepLoss).toEqual(reference.history.stepLoss);
      expect([...model.stateDict().values()].map(({ data }) => [...data])).toEqual(
        [...reference.model.stateDict().values()].map(({ data }) => [...data]),
      );
    }
  });

  test('stops all ranks at the same step when one is told to, by a callback, a signal or early stopping', async () => {
    const callback = await trained(4, (_own, _model, { rank }) => ({ callbacks: [rank === 2 ? stopAt(6) : {}] }));
    expect(callback.map(({ history }) => [history.stepLoss.length, history.endReason])).toEqual(
      Array(4).fill([6, 'stopped']),
    );
    const signal = await trained(2, (_own, _model, { rank }) => {
      const controller = new AbortController();
      const abort: Callback = { onStep: (_run, { step }) => void (step === 5 && controller.abort()) };
      return rank === 1 ? { signal: controller.signal, callbacks: [abort] } : { callbacks: [{}] };
    });
    expect(signal.map(({ history }) => [history.stepLoss.length, history.endReason])).toEqual(
      Array(2).fill([5, 'aborted']),
    );
    const early = await trained(2, () => ({ callbacks: [earlyStopping({ patience: 1, minDelta: 1 })] }));
    expect(early.map(({ history }) => history.epochs.length)).toEqual([2, 2]);
  });

  test('calls callbacks that write on rank 0 only', async () => {
    const called: number[] = [];
    await trained(2, (_own, _model, { rank }) => ({
      callbacks: [
        { onRank0: true, onTrainEnd: () => void called.push(rank) },
        { onTrainEnd: () => void called.push(10 + rank) },
      ],
    }));
    expect(called.sort()).toEqual([0, 10, 11]);
  });

  test('ends on all ranks when one has an error, which the others name', async () => {
    let calls = 0;
    const results = await trainRanks(2, (_own, _model, { rank }) => ({
      labelSmoothing: undefined,
      validation: undefined,
      loss: (output, labels) => {
        if (rank === 1 && ++calls === 10) throw new Error('my loss failed');
        return crossEntropy(output, labels);
      },
    }));
    const [zero, one] = results.map((result) => String((result as PromiseRejectedResult).reason));
    expect(one).toBe('Error: my loss failed');
    expect(zero).toMatch(
      /^GroupError: The group has stopped: rank 1 has stopped: my loss failed\. The last step that all 2 ranks have made is \d\./,
    );
  });

  test('sends gradients in buckets while the backward pass goes on', async () => {
    const change: Change = (own) => {
      manualSeed(3);
      const model = new Sequential(
        new Conv2d(1, 4, 3, { padding: 1 }),
        new BatchNorm2d(4),
        new Flatten(),
        new Linear(64, 9000),
        new ReLU(),
        new Linear(9000, 2),
      );
      const callbacks: Callback[] = [stopAt(2)];
      const optimizer = new SGD(model.parameters(), { learningRate: 0.05 });
      return { ...own, model, optimizer, average: undefined, callbacks };
    };
    const [reference] = await trained(1, change);
    expectSame(await trained(2, change), reference);
  });

  test.each<[string, Change, string]>([
    ['epochs', (own) => ({ epochs: own.epochs + 1 }), 'other options of fit than rank 0'],
    [
      'seed',
      () => {
        manualSeed(8);
        return {};
      },
      'other seed than rank 0',
    ],
    ['clipNorm', () => ({ clipNorm: 2 }), 'other options of fit than rank 0'],
    ['optimizer', (_own, model) => ({ optimizer: new Adam(model.parameters()) }), 'other optimizer than rank 0'],
    ['data', () => ({ train: [batchOf(4)] }), 'other training data than rank 0'],
    [
      'weights',
      (_own, model) => {
        for (const p of model.parameters()) p.data[0] += 1;
        return {};
      },
      'other weights than rank 0: ',
    ],
  ])('refuses ranks that differ in %s', async (_, change, message) => {
    const results = await trainRanks(2, (own, model, group) => (group.rank === 1 ? change(own, model, group) : {}));
    for (const result of results) {
      expect(result.status).toBe('rejected');
      expect(String((result as PromiseRejectedResult).reason)).toContain(`rank 1 has ${message}`);
    }
  });
});

function stopAt(step: number): Callback {
  return { onStep: (run, record) => (record.step === step ? run.stop() : undefined) };
}

/** An array of batches is no loader: every rank has all of it. */
function batchOf(size: number): { x: Tensor; labels: Int32Array } {
  const x = Tensor.from(
    Array.from({ length: size * 16 }, (_, i) => Math.sin(i * size)),
    [size, 1, 4, 4],
  );
  return { x, labels: Int32Array.from({ length: size }, (_, i) => i % 2) };
}
