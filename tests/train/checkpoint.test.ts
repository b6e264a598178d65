import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, StateDictError } from '../../src/base/errors.js';
import { manualSeed, randomState } from '../../src/base/random.js';
import { datasetChecksum } from '../../src/data/datasetChecksum.js';
import { DataLoader } from '../../src/data/loader.js';
import { randomHorizontalFlip } from '../../src/data/transforms/index.js';
import {
  readRawTensors,
  readSafetensorsMetadata,
  writeRawTensors,
  writeSafetensors,
} from '../../src/io/safetensors.js';
import { useKernels } from '../../src/kernels/use.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Dropout } from '../../src/layers/dropout.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import { Sequential } from '../../src/layers/sequential.js';
import { Adam } from '../../src/optim/adam.js';
import { SGD } from '../../src/optim/sgd.js';
import type { LabeledBatch } from '../../src/train/batches.js';
import { bestWeights, type Callback, earlyStopping } from '../../src/train/callbacks.js';
import { inspectCheckpoint } from '../../src/train/checkpoint.js';
import { seal, UNSEALED } from '../../src/train/checkpointSeal.js';
import { fit } from '../../src/train/fit.js';
import { halves, tinyNet } from './problems.js';

const images = halves(60);

/** A run with everything that has state: batch norm, dropout, augmentation, momentum, a schedule, callbacks. */
function make(seed: number, kind: 'loader' | 'plain iterable' = 'loader') {
  manualSeed(seed);
  const model = new Sequential(
    new Conv2d(1, 3, 3, { padding: 1 }),
    new BatchNorm2d(3),
    new Flatten(),
    new Dropout(0.3),
    new Linear(48, 2),
  );
  const loader = new DataLoader(images, { batchSize: 16, shuffle: true, transform: randomHorizontalFlip() });
  const iterable = {
    *[Symbol.iterator](): Generator<LabeledBatch> {
      yield* loader;
    },
  };
  return {
    model,
    options: {
      train: kind === 'loader' ? loader : iterable,
      validation: new DataLoader(images, { batchSize: 60 }),
      optimizer: new Adam(model.parameters(), { learningRate: 0.01 }),
      schedule: (step: number) => 0.01 / (1 + step / 5),
      epochs: 3,
      callbacks: [earlyStopping({ patience: 9 }), bestWeights({ restore: false })] as Callback[],
    },
  };
}

const STEPS = 12;

/** Trains, stopping after step `stop` and going on in fresh objects; returns all that training left. */
async function trained(stop: number | null, kind: 'loader' | 'plain iterable' = 'loader') {
  const first = make(5, kind);
  let checkpoint: Uint8Array = new Uint8Array();
  const stopper: Callback = {
    onStep: (run, { step }) => (step === stop ? run.stop() : undefined),
    onTrainEnd(run) {
      checkpoint = run.checkpoint();
    },
  };
  let history = await fit(first.model, { ...first.options, callbacks: [...first.options.callbacks, stopper] });
  let { model, options } = first;
  if (stop !== null) {
    expect(history.stepLoss).toHaveLength(stop);
    ({ model, options } = make(99, kind));
    const callbacks = [...options.callbacks, { onTrainEnd: stopper.onTrainEnd }];
    history = await fit(model, { ...options, callbacks, resume: checkpoint });
  }
  return {
    model: [...model.stateDict()].map(([name, { data }]) => [name, ...data]),
    optimizer: options.optimizer.stateDict(),
    best: (options.callbacks[1] as ReturnType<typeof bestWeights>).best,
    stepLoss: history.stepLoss,
    stepLearningRate: history.stepLearningRate,
    epochs: history.epochs.map(({ seconds: _, ...rest }) => rest),
  };
}

describe('a checkpoint', () => {
  // Step 3 is in the middle of an epoch, 4 the last of one, before its validation.
  test.each([1, 3, 4, 7, STEPS])('after step %i gives the same bytes as without the stop', async (stop) => {
    expect(await trained(stop)).toEqual(await trained(null));
  });

  test('of a source that cannot restore its place draws the epoch again', async () => {
    expect(await trained(6, 'plain iterable')).toEqual(await trained(null, 'plain iterable'));
  });

  test('gives each callback its own state back, values and arrays', async () => {
    const remember = (number: number) => {
      const loaded: unknown[] = [];
      const tensors = new Map([['w', { shape: [2], data: Float32Array.of(number, 0.5) }]]);
      const callback: Callback = {
        saveState: () => ({ values: { number }, tensors }),
        loadState: (state) => void loaded.push(state),
        onTrainEnd(run) {
          bytes = run.checkpoint();
        },
      };
      return { callback, loaded, saved: { values: { number }, tensors } };
    };
    let bytes: Uint8Array | undefined;
    const { model, options } = make(5);
    const [a, b] = [remember(1), remember(2)];
    await fit(model, { ...options, epochs: 0, callbacks: [a.callback, b.callback] });
    const [c, d] = [remember(3), remember(4)];
    await fit(model, { ...options, epochs: 0, callbacks: [c.callback, d.callback], resume: bytes });
    expect([c.loaded, d.loaded]).toEqual([[a.saved], [b.saved]]);
  });

  test('at the end of an epoch goes on with the next', async () => {
    const { model, options } = make(5);
    let checkpoint: Uint8Array | undefined;
    const saver: Callback = {
      onEpochEnd(run, { epoch }) {
        if (epoch === 2) checkpoint = run.checkpoint();
      },
    };
    await fit(model, { ...options, callbacks: [...options.callbacks, saver] });
    const again = make(6);
    await fit(again.model, { ...again.options, callbacks: [...again.options.callbacks, {}], resume: checkpoint });
    expect([...again.model.stateDict()]).toEqual([...model.stateDict()]);
  });

  test('names what does not fit and changes nothing', async () => {
    const { model, options } = make(5);
    const bytes = await checkpointOf({ model, options }, 1);
    const other = make(6);
    const before = [...other.model.stateDict()];
    const optimizer = new SGD(other.model.parameters(), { learningRate: 0.1 });
    const resumed = (extra: object) => fit(other.model, { ...other.options, callbacks: [{}], resume: bytes, ...extra });
    await expect(resumed({ optimizer })).rejects.toThrow(StateDictError);
    await expect(resumed({ callbacks: [] })).rejects.toThrow('written with 1 callbacks, but there are 0');
    expect([...other.model.stateDict()]).toEqual(before);
  });

  test('that a callback cannot read leaves model, optimizer and loader as they were', async () => {
    const written = make(5);
    const bytes = await checkpointOf(written, 1);
    const other = make(6);
    const { train, optimizer } = other.options;
    const before = [[...other.model.stateDict()], optimizer.stateDict(), (train as DataLoader).state()];
    const refuse: Callback = {
      loadState() {
        throw new Error('not mine');
      },
    };
    const resumed = fit(other.model, { ...other.options, callbacks: [refuse], resume: bytes });
    await expect(resumed).rejects.toThrow('not mine');
    expect([[...other.model.stateDict()], optimizer.stateDict(), (train as DataLoader).state()]).toEqual(before);
  });

  test('that is damaged is refused with a sentence, whichever byte it is', async () => {
    const { model, options } = make(5);
    const bytes = await checkpointOf({ model, options }, 0);
    const resume = (damaged: Uint8Array) => fit(model, { ...options, epochs: 0, callbacks: [{}], resume: damaged });
    await expect(resume(new Uint8Array(3))).rejects.toThrow(FormatError);
    await expect(resume(bytes.subarray(0, 100))).rejects.toThrow(
      'readCheckpoint: the checkpoint is damaged: its 100 bytes do not match its checksum.',
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = bytes.slice();
        damaged[at] ^= change;
        await expect(resume(damaged)).rejects.toThrow(FormatError);
      }),
      { numRuns: 100 },
    );
  });

  test('of another version is refused', async () => {
    const { model, options } = make(5);
    const bytes = await checkpointOf({ model, options }, 0);
    const at = Buffer.from(bytes).indexOf('"version":"3"') + 11;
    bytes[at] = '4'.charCodeAt(0);
    seal(bytes);
    const resume = (other: Uint8Array) => fit(model, { ...options, epochs: 0, callbacks: [{}], resume: other });
    await expect(resume(bytes)).rejects.toThrow('the checkpoint has version 4; this library reads versions 2 and 3.');
    await expect(resume(writeSafetensors(new Map(), { checkpoint: '{"version":1}', crc32: '0' }))).rejects.toThrow(
      'the checkpoint has version 1; this library reads versions 2 and 3.',
    );
    await expect(resume(writeSafetensors(model.stateDict()))).rejects.toThrow('but no checkpoint of a training run.');
  });

  test('made with other images is refused with both checksums, unless told otherwise', async () => {
    const bytes = await checkpointOf(make(5), 1);
    const { model, options } = make(6);
    const changed = halves(60);
    changed.images[100] ^= 1;
    const resume = (parts: object) => fit(model, { ...options, callbacks: [{}], epochs: 1, resume: bytes, ...parts });
    const train = new DataLoader(changed, { batchSize: 16, shuffle: true, transform: randomHorizontalFlip() });
    await expect(resume({ train })).rejects.toThrow(
      `readCheckpoint: the training images are not those that the checkpoint was made with: their checksum is ${datasetChecksum(changed)}, in the checkpoint it is ${datasetChecksum(images)}. Resume with the same data set, or pass allowOtherData: true.`,
    );
    const validation = new DataLoader(changed, { batchSize: 60 });
    await expect(resume({ validation })).rejects.toThrow('the validation images are not those');
    expect((await resume({ train, allowOtherData: true })).epochs).toHaveLength(1);
  });

  test('can be looked into without a run', async () => {
    const { model, options } = make(5);
    const content = inspectCheckpoint(await checkpointOf({ model, options }, 2));
    expect(content).toMatchObject({ epoch: 2, batch: 0, step: 8 });
    expect(content.history.epochs).toHaveLength(2);
    expect(content.data).toEqual({ train: datasetChecksum(images), validation: datasetChecksum(images) });
    expect([...content.model]).toEqual([...model.stateDict()]);
    expect(() => inspectCheckpoint(writeSafetensors(new Map()))).toThrow(/^inspectCheckpoint: these bytes are/);
  });
});

/** What a run leaves after some epochs, with one callback. */
async function checkpointOf({ model, options }: ReturnType<typeof make>, epochs: number): Promise<Uint8Array> {
  let bytes = new Uint8Array();
  const saver: Callback = {
    onTrainEnd(run) {
      bytes = run.checkpoint() as Uint8Array<ArrayBuffer>;
    },
  };
  await fit(model, { ...options, epochs, callbacks: [saver] });
  return bytes;
}

describe('a checkpoint of version 2', () => {
  const bytes = new Uint8Array(
    readFileSync(new URL('../golden/files/checkpoint-version-2.safetensors', import.meta.url)),
  );

  test('is looked into', () => {
    const content = inspectCheckpoint(bytes);
    expect(content).toMatchObject({ epoch: 1, batch: 3, step: 8 });
    expect(content.history.stepLoss).toHaveLength(8);
    expect(content.history.epochs).toHaveLength(1);
  });

  test('goes on to the same bytes as without the stop', async () => {
    await useKernels('plain');
    const train = async (resume?: Uint8Array) => {
      manualSeed(8);
      const model = tinyNet();
      const history = await fit(model, {
        train: new DataLoader(halves(40), { batchSize: 8, shuffle: true }),
        validation: new DataLoader(halves(40), { batchSize: 40 }),
        optimizer: new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 }),
        epochs: 3,
        callbacks: [earlyStopping({ patience: 9 }), {}],
        resume,
      });
      const epochs = history.epochs.map(({ seconds: _, ...record }) => record);
      return [[...model.stateDict()], history.stepLoss, history.stepLearningRate, epochs, randomState()];
    };
    expect(await train(bytes)).toEqual(await train());
  });
});

describe('a checkpoint that is refused', () => {
  test('names the field, and leaves callbacks and random streams as they were too', async () => {
    const { model, options } = make(5);
    const saved = await checkpointOf({ model, options }, 1);
    const refusal = async (change: (progress: Record<string, unknown>) => void): Promise<string> => {
      const { checkpoint, version } = readSafetensorsMetadata(saved);
      const progress = JSON.parse(checkpoint);
      change(progress);
      const metadata = { crc32: UNSEALED, version, checkpoint: JSON.stringify(progress) };
      const file = writeRawTensors(readRawTensors(saved), metadata);
      seal(file);
      const other = make(6);
      const stopping = earlyStopping({ patience: 7 });
      const before = [stopping.saveState?.(), randomState(), [...other.model.stateDict()]];
      const error = await fit(other.model, { ...other.options, callbacks: [stopping], resume: file }).then(
        () => null,
        (reason) => reason,
      );
      expect(error).toBeInstanceOf(FormatError);
      expect([stopping.saveState?.(), randomState(), [...other.model.stateDict()]]).toEqual(before);
      return error.message;
    };
    const start = 'readCheckpoint: the checkpoint is sealed, but its content is not what it should be: ';
    expect(await refusal((p) => delete p.epoch)).toBe(
      `${start}the field 'epoch' is missing, but must be a whole number >= 0.`,
    );
    expect(await refusal((p) => Object.assign(p, { random: { seed: '1', streams: { dropout: { c: 1 } } } }))).toBe(
      `${start}the field 'random.streams.dropout.s0' is missing, but must be a finite number.`,
    );
    expect(await refusal((p) => Object.assign(p, { optimizer: 'Adam' }))).toBe(
      `${start}the field 'optimizer' is 'Adam', but must be an object.`,
    );
    expect(await refusal((p) => Object.assign(p, { callbacks: [{ best: 'none', waited: 0 }] }))).toBe(
      "readCheckpoint: the field 'earlyStopping.best' is 'none', but must be a finite number.",
    );
    expect(await refusal((p) => Object.assign(p, { batch: 77 }))).toMatch('after batch 77 of an epoch, but');
  });

  test('of best weights that are of another model is refused at once, not when training ends', async () => {
    const { model, options } = make(5);
    const weights = new Map([['w', { shape: [1], data: Float32Array.of(1) }]]);
    const foreign: Callback = {
      saveState: () => ({ values: { epoch: 1, value: 1 }, tensors: weights }),
      onTrainEnd(run) {
        bytes = run.checkpoint();
      },
    };
    let bytes: Uint8Array | undefined;
    await fit(model, { ...options, epochs: 0, callbacks: [foreign] });
    await expect(fit(model, { ...options, callbacks: [bestWeights()], resume: bytes })).rejects.toThrow(
      'bestWeights: 0.weight is missing among the weights of the best epoch, but the model has [3, 1, 3, 3].',
    );
  });
});
