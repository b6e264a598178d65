import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ArgumentError, DataError, NonFiniteError } from '../../src/base/errors.js';
import { manualSeed } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import type { Module } from '../../src/layers/module.js';
import { checkpointPath, listCheckpoints } from '../../src/node/checkpointFolder.js';
import { type CheckpointsOptions, checkpoints } from '../../src/node/checkpoints.js';
import { latestCheckpoint } from '../../src/node/latestCheckpoint.js';
import { SGD } from '../../src/optim/sgd.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { add } from '../../src/tensor/ops/math/add.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import type { Callback } from '../../src/train/callbacks.js';
import { fit } from '../../src/train/fit.js';
import { halves, tinyNet } from '../train/problems.js';

/** From this write on the disk is full, after some bytes of each file. */
let fullFrom = Infinity;
let writes = 0;
/** From this write on files are read back as other bytes. */
let damageFrom = Infinity;

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  const open: typeof fs.open = async (path, flags) => {
    const file = await real.open(path, flags);
    if (flags === 'wx' && ++writes >= fullFrom) {
      file.writeFile = async (content) => {
        await file.appendFile((content as Uint8Array).slice(0, 50));
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      };
    }
    return file;
  };
  const readFile = async (path: string, ...rest: []): Promise<unknown> => {
    const content: unknown = await real.readFile(path, ...rest);
    if (path.endsWith('.part') && content instanceof Uint8Array && writes >= damageFrom)
      content[content.length - 9] ^= 4;
    return content;
  };
  return { ...real, open, readFile };
});

let folder = '';
beforeEach(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'stridenet-checkpoints-'));
  writes = 0;
});
afterEach(async () => {
  fullFrom = Infinity;
  damageFrom = Infinity;
  await fs.rm(folder, { recursive: true });
});

const images = halves(40);
const STEPS = 5;

/** A run of five steps an epoch. */
function make(seed = 1) {
  manualSeed(seed);
  const model = tinyNet();
  const train = new DataLoader(images, { batchSize: 8, shuffle: true });
  const validation = new DataLoader(images, { batchSize: 40 });
  return { model, train, validation, optimizer: new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 }) };
}

type Made = ReturnType<typeof make>;
interface More {
  callbacks?: Callback[];
  resume?: Uint8Array;
  loss?: Parameters<typeof fit>[1]['loss'];
}

const warnings: string[] = [];
const warn = (message: string): void => void warnings.push(message);
beforeEach(() => void (warnings.length = 0));

function run({ model, ...options }: Made, epochs: number, how: CheckpointsOptions = {}, more: More = {}) {
  const saver = checkpoints(folder, { warn, ...how });
  return fit(model, { ...options, epochs, ...more, callbacks: [saver, ...(more.callbacks ?? [])] });
}

const files = async (): Promise<string[]> => (await fs.readdir(folder)).sort();
const named = (...steps: number[]): string[] => steps.map((step) => basename(checkpointPath(folder, step)));
const weights = (model: Module): number[] => [...model.stateDict().values()].flatMap(({ data }) => [...data]);

/** Makes one byte of a file another. */
async function damage(step: number): Promise<void> {
  const path = checkpointPath(folder, step);
  const bytes = await fs.readFile(path);
  bytes[bytes.length - 5] ^= 1;
  await fs.writeFile(path, bytes);
}

describe('what is saved', () => {
  test('is each epoch, and the last three stay', async () => {
    await run(make(), 5);
    expect(await files()).toEqual(named(15, 20, 25));
    expect(warnings).toEqual([]);
  });

  test('is every so many steps, in the middle of epochs too, and the end', async () => {
    await run(make(), 3, { every: { steps: 4 }, keepLast: Infinity });
    expect(await files()).toEqual(named(4, 8, 12, 15));
  });

  test('is every so many epochs', async () => {
    await run(make(), 5, { every: { epochs: 2 }, keepLast: 9 });
    expect(await files()).toEqual(named(10, 20, 25));
  });

  test('is as often as the minutes tell', async () => {
    await run(make(), 1, { every: { minutes: 1e-9 }, keepLast: 9 });
    expect(await files()).toEqual(named(1, 2, 3, 4, 5));
    await run(make(), 1, { every: { minutes: 100 }, keepLast: 9 });
    expect((await listCheckpoints(folder)).map(({ step }) => step)).toEqual([5]);
  });

  test('keeps the best epochs besides the last', async () => {
    // The loss of these five epochs, by a loss that is multiplied as the epochs go.
    const scale = [5, 1, 4, 2, 3];
    const made = make();
    made.optimizer.learningRate = 0;
    let epoch = 0;
    const next: Callback = { onEpochEnd: () => void epoch++ };
    const best = { monitor: 'loss', count: 2 } as const;
    const loss: More['loss'] = (y, labels) => mul(crossEntropy(y, labels), scale[Math.min(epoch, 4)]);
    await run(made, 5, { keepLast: 1, best, every: {} }, { callbacks: [next], loss });
    expect(await files()).toEqual(named(2 * STEPS, 4 * STEPS, 5 * STEPS));
  });

  test('keeps the best of the epochs before a resume', async () => {
    const best = { monitor: 'loss' } as const;
    await run(make(), 2, { keepLast: 1, best });
    const loss: More['loss'] = (y, labels) => add(crossEntropy(y, labels), 5);
    await run(make(2), 4, { keepLast: 1, best }, { resume: (await latestCheckpoint(folder))?.bytes, loss });
    expect(await files()).toEqual(named(2 * STEPS, 4 * STEPS));
  });
});

describe('a run that stops', () => {
  test('goes on from its newest checkpoint to the same weights', async () => {
    const whole = make();
    await run(whole, 3);
    await fs.rm(folder, { recursive: true });
    const stop: Callback = { onStep: (r) => (r.step === 7 ? r.stop() : undefined) };
    await run(make(), 3, {}, { callbacks: [stop] });
    const latest = await latestCheckpoint(folder);
    expect(latest).toMatchObject({ step: 7, epoch: 1, batch: 2, passedOver: [], path: checkpointPath(folder, 7) });
    const resumed = make(9);
    await run(resumed, 3, {}, { resume: latest?.bytes, callbacks: [{}] });
    expect(weights(resumed.model)).toEqual(weights(whole.model));
  });

  test('because a callback throws is saved where it stood', async () => {
    const fail: Callback = {
      onStep(r) {
        if (r.step === 7) throw new Error('the chart could not be drawn');
      },
    };
    await expect(run(make(), 3, {}, { callbacks: [fail] })).rejects.toThrow('the chart could not be drawn');
    expect(await latestCheckpoint(folder)).toMatchObject({ step: 7 });
  });

  test('because the model fails in the middle of a step is not saved there', async () => {
    let forwards = 0;
    const loss: More['loss'] = (y, labels) => {
      // Five steps, a validation, one more step.
      if (++forwards === 8) throw new Error('out of labels');
      return crossEntropy(y, labels);
    };
    await expect(run(make(), 3, {}, { loss })).rejects.toThrow('out of labels');
    expect(await files()).toEqual(named(5));
    expect(warnings).toEqual([
      `checkpoints: training failed after step 6. The last good checkpoint is ${checkpointPath(folder, 5)}.`,
    ]);
  });

  test('has saved what callbacks after this one learnt from the same event', async () => {
    const counter = (): Callback & { count: number } => ({
      count: 0,
      onStep() {
        this.count++;
      },
      saveState() {
        return { values: this.count };
      },
      loadState({ values }) {
        this.count = values as number;
      },
    });
    await run(make(), 1, { every: { steps: 3 } }, { callbacks: [counter()] });
    await fs.rm(checkpointPath(folder, 5));
    const resumed = counter();
    await run(make(), 1, {}, { callbacks: [resumed], resume: (await latestCheckpoint(folder))?.bytes });
    expect(resumed.count).toBe(5);
  });

  test('with a loss that turns NaN keeps the last good checkpoint, and says which', async () => {
    const made = make();
    const spoil: Callback = {
      onStep(r) {
        if (r.step === 7) made.model.parameters()[Symbol.iterator]().next().value?.data.fill(Number.NaN);
      },
    };
    await expect(run(made, 3, { every: { steps: 1 } }, { callbacks: [spoil] })).rejects.toThrow(NonFiniteError);
    const latest = await latestCheckpoint(folder);
    expect(latest).toMatchObject({ step: 6 });
    expect(weights(made.model).some(Number.isNaN)).toBe(true);
    expect([...(latest?.model.values() ?? [])].every(({ data }) => data.every(Number.isFinite))).toBe(true);
    expect(warnings).toEqual([
      `checkpoints: step 7 is not saved, because 1.weight holds NaN or infinity. The last good checkpoint is ${checkpointPath(folder, 6)}.`,
      `checkpoints: training failed after step 7. The last good checkpoint is ${checkpointPath(folder, 6)}.`,
    ]);
  });

  test('with weights that are NaN while the loss is not yet computed saves none of them', async () => {
    const made = make();
    const spoil: Callback = {
      onStep(r) {
        if (r.step !== 7) return;
        made.model.parameters()[Symbol.iterator]().next().value?.data.fill(Number.NaN);
        r.stop();
      },
    };
    await run(made, 3, {}, { callbacks: [spoil] });
    expect(warnings).toEqual([
      `checkpoints: step 7 is not saved, because 1.weight holds NaN or infinity. The last good checkpoint is ${checkpointPath(folder, 5)}.`,
    ]);
    expect(await files()).toEqual(named(5));
  });
});

describe('a full disk', () => {
  test('stops neither training nor what was saved before, and is told', async () => {
    fullFrom = 3;
    const made = make();
    const history = await run(made, 4);
    expect(history.endReason).toBe('done');
    expect(await files()).toEqual(named(5, 10));
    const said = (step: number) =>
      `checkpoints: step ${step} could not be saved: ENOSPC: no space left on device, write. Training goes on. The last good checkpoint is ${checkpointPath(folder, 10)}.`;
    expect(warnings).toEqual([said(15), said(20)]);
    expect(await latestCheckpoint(folder, { model: made.model })).toMatchObject({ step: 10, passedOver: [] });
  });

  test('leaves the older of two files of one name', async () => {
    fullFrom = 2;
    await run(make(), 1, { every: { steps: 5, epochs: 1 } });
    expect(await files()).toEqual(named(5));
    // The one of the last step, before its epoch was measured.
    expect(await latestCheckpoint(folder)).toMatchObject({ step: 5, epoch: 0, batch: 5 });
  });
});

describe('the newest checkpoint', () => {
  test('is null where there is none, or no folder', async () => {
    expect(await latestCheckpoint(folder)).toBeNull();
    expect(await latestCheckpoint(join(folder, 'nowhere'))).toBeNull();
  });

  test('is the one before a damaged one, which is named with the reason', async () => {
    const made = make();
    await run(made, 3);
    await damage(15);
    await fs.writeFile(checkpointPath(folder, 20), '');
    const latest = await latestCheckpoint(folder);
    expect(latest?.step).toBe(10);
    expect(latest?.passedOver).toEqual([
      { path: checkpointPath(folder, 20), reason: expect.stringMatching(/^safetensors: the file has 0 bytes/) },
      {
        path: checkpointPath(folder, 15),
        reason: expect.stringMatching(/the checkpoint is damaged: its \d+ bytes do/),
      },
    ]);
    // And a run from there has the same end.
    const resumed = make(7);
    await run(resumed, 3, {}, { resume: latest?.bytes });
    expect(weights(resumed.model)).toEqual(weights(made.model));
    expect(await files()).toEqual([...named(5, 10, 15), `${named(15)[0]}.old`, `${named(20)[0]}.old`].sort());
    expect(warnings).toEqual([
      `checkpoints: this run begins at step 10; ${named(20, 15).join(', ')} in ${folder} now end in .old.`,
    ]);
  });

  test('of a run that began anew does not take the place of those of two runs before it', async () => {
    const contents: Buffer[] = [];
    for (const seed of [1, 2, 3]) {
      await run(make(seed), 1);
      contents.push(await fs.readFile(checkpointPath(folder, 5)));
    }
    const kept = await Promise.all(['.old', '.old2', ''].map((end) => fs.readFile(checkpointPath(folder, 5) + end)));
    expect(kept).toEqual(contents);
    expect(new Set(contents.map(String)).size).toBe(3);
  });

  test('is never one of another model', async () => {
    await run(make(), 1);
    const other = tinyNet(3);
    await expect(latestCheckpoint(folder, { model: other })).rejects.toThrow(DataError);
    await expect(latestCheckpoint(folder, { model: other })).rejects.toThrow(
      `latestCheckpoint: none of the 1 checkpoints in ${folder} can be used:\n  ${named(5)[0]}: it is of another model: its 3.weight is [2, 8], the model's is [3, 8].`,
    );
    expect(await latestCheckpoint(folder, { model: tinyNet(2) })).toMatchObject({ step: 5 });
  });

  test('is not what an interrupted save left, which the next run removes', async () => {
    await fs.writeFile(join(folder, `.${named(9)[0]}.0123456789ab.part`), 'half');
    await fs.writeFile(join(folder, '.notes.txt.0123456789ab.part'), 'not ours');
    expect(await latestCheckpoint(folder)).toBeNull();
    await run(make(), 1);
    expect(await files()).toEqual(['.notes.txt.0123456789ab.part', ...named(5)]);
  });
});

test('options that are unknown or out of range are answered with a sentence', () => {
  const message = (options: object): string => {
    try {
      checkpoints(folder, options);
    } catch (error) {
      expect(error).toBeInstanceOf(ArgumentError);
      return (error as Error).message;
    }
    return '';
  };
  expect(message({ keepLats: 3 })).toBe("checkpoints: there is no option 'keepLats'. Did you mean 'keepLast'?");
  expect(message({ every: { epoch: 1 } })).toBe(
    "checkpoints: every: there is no option 'epoch'. Did you mean 'epochs'?",
  );
  expect(message({ keepLast: 0 })).toBe('checkpoints: keepLast is 0, but must be a whole number >= 1.');
  expect(message({ every: { steps: 1.5 } })).toBe('checkpoints: every.steps is 1.5, but must be a whole number >= 1.');
  expect(message({ every: { minutes: -1 } })).toBe('checkpoints: every.minutes is -1, but must be > 0.');
});

test('a best that is never measured is refused before the first step', async () => {
  const { validation: _, model, ...made } = make();
  const saver = checkpoints(folder, { best: {} });
  await expect(fit(model, { ...made, epochs: 1, callbacks: [saver] })).rejects.toThrow(
    "checkpoints: best needs validationLoss. Pass validation data to fit, or monitor 'loss' or 'accuracy'.",
  );
});

describe('a file that reads as something else than was written', () => {
  test('does not take a name, and nothing older is deleted', async () => {
    const made = make();
    // From the third save on the disk returns other bytes than it got.
    damageFrom = 3;
    await run(made, 6, { keepLast: 1 });
    expect(await files()).toEqual(named(10));
    expect(warnings).toHaveLength(4);
    expect(warnings[0]).toMatch(
      /^checkpoints: step 15 could not be saved: .*what was written reads as something else\./,
    );
    expect(warnings[3]).toMatch(/The last good checkpoint is .*step-00000010\.safetensors\.$/);
    expect(await latestCheckpoint(folder, { model: made.model })).toMatchObject({ step: 10, passedOver: [] });
  });

  test('because it could not be resumed from is not kept in place of older ones', async () => {
    const long: Callback = { saveState: () => ({ values: 'x'.repeat(tooLong) }) };
    let tooLong = 1;
    const grow: Callback = { onEpochEnd: (_, { epoch }) => void (tooLong = epoch < 3 ? 1 : 100_000_001) };
    await run(make(), 3, { keepLast: 1 }, { callbacks: [grow, long] });
    expect(await files()).toEqual(named(10));
    expect(warnings.join()).toMatch(/step 15 could not be saved: .*readers allow a header of 100000000/);
  }, 60_000);
});

describe('the folder', () => {
  test('belongs to one run at a time, and is free afterwards, however the run ended', async () => {
    const [one, two] = [make(1), make(2)];
    const running = run(one, 4);
    await expect(run(two, 1)).rejects.toThrow(DataError);
    await expect(run(make(2), 1)).rejects.toThrow(
      new RegExp(
        `^checkpoints: the folder ${folder} has been in use by this process \\(${process.pid}\\) already since`,
      ),
    );
    await running;
    expect(await files()).toEqual(named(10, 15, 20));
    const failing: Callback = {
      onTrainStart() {
        throw new Error('no');
      },
    };
    await expect(run(make(1), 1, {}, { callbacks: [failing] })).rejects.toThrow('no');
    await expect(run(make(1), 1, { best: { monitor: 'metrics.none' } }, { loss: refuse })).rejects.toThrow('enough');
    await run(make(2), 1);
    expect((await files()).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  test('that another took over, since this process seemed dead, is not written to', async () => {
    const thief: Callback = {
      async onEpochEnd(_, { epoch }) {
        if (epoch !== 2) return;
        await fs.rm(join(folder, '.checkpoints.lock'));
      },
    };
    await run(make(), 3, {}, { callbacks: [thief] });
    expect(await files()).toEqual(named(5));
    expect(warnings[0]).toMatch(/step 10 could not be saved: another process has taken the folder .* over\./);
  });
});

test('the best epochs stay after a resume although the history no longer has them', async () => {
  const best = { monitor: 'loss', count: 1 } as const;
  await run(make(), 2, { keepLast: 1, best });
  const resume = (await latestCheckpoint(folder))?.bytes;
  const { model, ...options } = make(2);
  const loss: More['loss'] = (y, labels) => add(crossEntropy(y, labels), 5);
  const forget: Callback = { onTrainStart: ({ history }) => void (history.epochs.length = 0) };
  // The saver stands where it stood; what is before it has no state.
  const saver = checkpoints(folder, { warn, keepLast: 1, best });
  const both: Callback = {
    ...saver,
    async onTrainStart(run) {
      await forget.onTrainStart?.(run);
      await saver.onTrainStart?.(run);
    },
  };
  await fit(model, { ...options, epochs: 4, loss, resume, callbacks: [both] });
  expect(await files()).toEqual(named(2 * STEPS, 4 * STEPS));
});

function refuse(): never {
  throw new Error('enough');
}
