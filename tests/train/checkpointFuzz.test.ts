import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StridenetError } from '../../src/base/errors.js';
import { manualSeed, randomState } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import { randomHorizontalFlip } from '../../src/data/transforms/index.js';
import { type RawTensor, readRawTensors, readSafetensorsMetadata, writeRawTensors } from '../../src/io/safetensors.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Dropout } from '../../src/layers/dropout.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import { Sequential } from '../../src/layers/sequential.js';
import { AverageScore } from '../../src/metrics/averageScore.js';
import { Calibration } from '../../src/metrics/calibration.js';
import { MeanRocAuc } from '../../src/metrics/rankingMetrics.js';
import { TopKAccuracy } from '../../src/metrics/topK.js';
import { Adam } from '../../src/optim/adam.js';
import { ExponentialMovingAverage } from '../../src/optim/ema.js';
import { Lookahead } from '../../src/optim/lookahead.js';
import { bestWeights, type Callback, earlyStopping } from '../../src/train/callbacks.js';
import { inspectCheckpoint } from '../../src/train/checkpoint.js';
import { seal, UNSEALED } from '../../src/train/checkpointSeal.js';
import { fit } from '../../src/train/fit.js';
import { TrainingRun } from '../../src/train/run.js';
import { mutatedJson } from '../../testing/jsonMutations.js';
import { halves } from './problems.js';

const images = halves(24);

/** A run with everything that has state. */
function make(seed: number) {
  manualSeed(seed);
  const model = new Sequential(
    new Conv2d(1, 2, 3, { padding: 1 }),
    new BatchNorm2d(2),
    new Flatten(),
    new Dropout(0.3),
    new Linear(32, 2),
  );
  const metrics = {
    top1: new TopKAccuracy(1),
    f1: new AverageScore('f1'),
    calibration: new Calibration({ bins: 3 }),
    auc: new MeanRocAuc(),
  };
  const callbacks: Callback[] = [earlyStopping({ patience: 9 }), bestWeights({ restore: false })];
  const options = {
    train: new DataLoader(images, { batchSize: 8, shuffle: true, transform: randomHorizontalFlip(), seed: 1 }),
    validation: new DataLoader(images, { batchSize: 24 }),
    optimizer: new Adam(model.parameters(), { learningRate: 0.01 }),
    average: new ExponentialMovingAverage(model),
    lookahead: new Lookahead(model, { every: 2 }),
    metrics,
    epochs: 2,
  };
  return { model, options, callbacks };
}

type Made = ReturnType<typeof make>;

/** All that a refused checkpoint must leave alone, as text. */
function stateOf({ model, options, callbacks }: Made): string {
  const { train, optimizer, average, lookahead, metrics } = options;
  return JSON.stringify(
    [
      model.stateDict(),
      optimizer.stateDict(),
      optimizer.learningRate,
      train.state(),
      average.stateDict(),
      lookahead.stateDict(),
      Object.values(metrics).map((metric) => metric.saveState()),
      callbacks.map((callback) => callback.saveState?.()),
      randomState(),
    ],
    (_, value) => (value instanceof Map ? [...value] : value),
  );
}

/** The parts of a checkpoint, and a checkpoint of parts, whatever they are. */
interface Parts {
  version: string;
  progress: unknown;
  tensors: [string, RawTensor][];
}

function partsOf(bytes: Uint8Array): Parts {
  const { version, checkpoint } = readSafetensorsMetadata(bytes);
  return { version, progress: JSON.parse(checkpoint), tensors: [...readRawTensors(bytes)] };
}

function checkpointOf({ version, progress, tensors }: Parts): Uint8Array {
  const metadata = { crc32: UNSEALED, version, checkpoint: JSON.stringify(progress) ?? '' };
  const bytes = writeRawTensors(new Map(tensors), metadata);
  seal(bytes);
  return bytes;
}

type TensorMutation = { at: number; kind: 'drop' | 'rename' | 'flatten' | 'shorten' | 'retype' | 'empty' };

function mutatedTensors(tensors: Parts['tensors']): fc.Arbitrary<Parts['tensors']> {
  const mutation = fc.record<TensorMutation>({
    at: fc.nat(tensors.length - 1),
    kind: fc.constantFrom('drop', 'rename', 'flatten', 'shorten', 'retype', 'empty'),
  });
  return fc.array(mutation, { minLength: 1, maxLength: 2 }).map((mutations) => {
    const changed = new Map(tensors);
    for (const { at, kind } of mutations) {
      const [name, tensor] = tensors[at];
      changed.delete(name);
      const { dtype, shape, bytes } = tensor;
      const [first = 1, ...rest] = shape;
      const row = bytes.length / Math.max(1, first);
      if (kind === 'rename') changed.set(name.replace(/\w$/, 'x'), tensor);
      else if (kind === 'flatten') changed.set(name, { dtype, shape: [shape.reduce((a, b) => a * b, 1)], bytes });
      else if (kind === 'empty') changed.set(name, { dtype, shape: [0], bytes: new Uint8Array() });
      else if (kind === 'shorten' && first > 1) {
        changed.set(name, { dtype, shape: [first - 1, ...rest], bytes: bytes.subarray(0, bytes.length - row) });
      } else if (kind === 'retype') changed.set(name, { dtype: 'U8', shape: [bytes.length], bytes });
    }
    return [...changed];
  });
}

/** Resumes from a checkpoint; where it is refused, all is as it was, and where not, the run goes on. */
async function expectRefusalOrRun(made: Made, before: string, bytes: Uint8Array): Promise<'refused' | 'resumed'> {
  try {
    new TrainingRun(made.model, { ...made.options, resume: bytes }, made.callbacks);
  } catch (error) {
    if (!(error instanceof StridenetError)) throw error;
    expect(error.message).toMatch(/^[\w.]+: \S/);
    expect(stateOf(made)).toBe(before);
    return 'refused';
  }
  return 'resumed';
}

test('a checkpoint of which any fields or tensors are changed is refused with a sentence and changes nothing, or is resumed', async () => {
  const written = make(5);
  let bytes: Uint8Array | undefined;
  const saver: Callback = {
    onStep(run, { step }) {
      if (step === 5) bytes = run.checkpoint();
    },
  };
  await fit(written.model, { ...written.options, callbacks: [...written.callbacks, saver] });
  // The saver has no state.
  const whole = partsOf(bytes as Uint8Array);
  (whole.progress as { callbacks: unknown[] }).callbacks.pop();
  let made = make(6);
  let before = stateOf(made);
  expect(await expectRefusalOrRun(made, before, checkpointOf(whole))).toBe('resumed');

  made = make(6);
  before = stateOf(made);
  const seen = { refused: 0, resumed: 0 };
  const changed = fc.oneof(
    { weight: 3, arbitrary: mutatedJson(whole.progress).map((progress) => ({ ...whole, progress })) },
    { weight: 1, arbitrary: mutatedTensors(whole.tensors).map((tensors) => ({ ...whole, tensors })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(mutatedJson(whole.progress), mutatedTensors(whole.tensors), fc.constantFrom('2', '3'))
        .map(([progress, tensors, version]) => ({ version, progress, tensors })),
    },
  );
  await fc.assert(
    fc.asyncProperty(changed, async (parts) => {
      const file = checkpointOf(parts);
      try {
        inspectCheckpoint(file);
      } catch (error) {
        if (!(error instanceof StridenetError)) throw error;
      }
      const end = await expectRefusalOrRun(made, before, file);
      seen[end]++;
      if (end === 'refused') return;
      // It goes on from there, and ends, or says why not.
      await fit(made.model, { ...made.options, epochs: 3, callbacks: made.callbacks, resume: file }).catch((error) => {
        if (!(error instanceof StridenetError)) throw error;
      });
      for (const part of [made.options.optimizer, made.options.average, made.options.lookahead]) part.dispose();
      made = make(6);
      before = stateOf(made);
    }),
  );
  expect(seen.refused).toBeGreaterThan(0);
  console.info(`${seen.refused} refused, ${seen.resumed} resumed`);
}, 3_600_000);
