import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { encode } from 'fast-png';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ArgumentError, DataError } from '../../../src/base/errors.js';
import { manualSeed } from '../../../src/base/random.js';
import { DataLoader } from '../../../src/data/loader.js';
import { TopKAccuracy } from '../../../src/metrics/topK.js';
import { LogFile } from '../../../src/node/tracking/logFile.js';
import { listRuns, readRun } from '../../../src/node/tracking/runFiles.js';
import { trackRun } from '../../../src/node/tracking/trackRun.js';
import { SGD } from '../../../src/optim/sgd.js';
import type { Callback } from '../../../src/train/callbacks.js';
import { fit } from '../../../src/train/fit.js';
import type { History } from '../../../src/train/history.js';
import { halves, tinyNet } from '../../train/problems.js';
import { parseEvents } from './parseEvents.js';

const root = mkdtempSync(join(tmpdir(), 'stridenet-runs-'));
afterAll(() => rmSync(root, { recursive: true }));
let folder = '';
let count = 0;
beforeEach(() => {
  folder = join(root, `run${count++}`);
});

const EVENTS = 'events.out.tfevents.0.stridenet';
const png = encode({ width: 2, height: 1, data: new Uint8Array(6), channels: 3 });

/** Three epochs of four steps. */
function train(callbacks: Callback[], resume?: Uint8Array): Promise<History> {
  manualSeed(7);
  const model = tinyNet();
  return fit(model, {
    train: new DataLoader(halves(32), { batchSize: 8, shuffle: true }),
    validation: new DataLoader(halves(8, 1), { batchSize: 8 }),
    optimizer: new SGD(model.parameters(), { learningRate: 0.05 }),
    metrics: { top1: new TopKAccuracy() },
    epochs: 3,
    callbacks,
    resume,
  });
}

const stepsOf = async (): Promise<number[]> => (await readRun(folder)).steps.map(({ step }) => step);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
/** `tag@step` of each number in the event file. */
function eventTags(): string[] {
  return parseEvents(readFileSync(join(folder, EVENTS))).flatMap(({ step, values }) =>
    values.map(({ tag }) => `${tag}@${step}`),
  );
}

describe('a tracked run', () => {
  test('tells what it was, on what it ran, and every step and epoch', async () => {
    const history = await train([trackRun(folder, { config: { model: 'tiny', epochs: 3 } })]);
    const { info, steps, epochs } = await readRun(folder);
    expect(info).toMatchObject({
      name: `run${count - 1}`,
      config: { model: 'tiny', epochs: 3 },
      seed: '7',
      end: 'done',
    });
    expect(info.model).toEqual({ name: 'Sequential', parameters: 16 * 8 + 8 + 8 * 2 + 2 });
    const [{ environment, source, step }] = info.sessions;
    expect(step).toBe(0);
    expect(source?.commit ?? '0000000').toMatch(/^[0-9a-f]{7,}$/);
    expect(environment.node).toBe(process.version);
    expect(environment.cores).toBeGreaterThan(0);
    expect(['simd', 'plain']).toContain(environment.kernels.table);

    expect(steps.map(({ loss }) => loss)).toEqual(history.stepLoss);
    expect(steps[4]).toMatchObject({ step: 5, epoch: 2, size: 8, learningRate: 0.05 });
    for (const [i, epoch] of epochs.entries()) expect(epoch).toMatchObject({ ...history.epochs[i] });
    expect(epochs[0].imagesPerSecond).toBeGreaterThan(0);
    expect(epochs[0].validationMetrics).toEqual({ top1: history.epochs[0].validationAccuracy });
  });

  test('gives TensorBoard the same numbers', async () => {
    const history = await train([trackRun(folder)]);
    const events = parseEvents(readFileSync(join(folder, EVENTS)));
    expect(events[0].fileVersion).toBe('brain.Event:2');
    const curve = (tag: string): [number, number | undefined][] =>
      events.flatMap(({ step, values }) =>
        values
          .filter((value) => value.tag === tag)
          .map(({ simpleValue }): [number, number | undefined] => [step, simpleValue]),
      );
    expect(curve('loss/step')).toEqual(history.stepLoss.map((loss, i) => [i + 1, Math.fround(loss)]));
    expect(curve('loss/validation')).toEqual(
      history.epochs.map(({ step, validationLoss }) => [step, Math.fround(validationLoss as number)]),
    );
    expect(curve('top1/validation').map(([step]) => step)).toEqual([4, 8, 12]);
  });

  test('keeps pictures, numbers and notes, also after training', async () => {
    const tracker = trackRun(folder);
    const drawing: Callback = {
      async onEpochEnd() {
        await tracker.picture('first filters', png);
        await tracker.scalars({ 'norm of weights': 3 });
      },
    };
    await train([tracker, drawing]);
    await tracker.picture('confusion', png);
    await tracker.note({ testAccuracy: 0.5 });
    expect(readdirSync(join(folder, 'pictures')).sort()).toEqual(
      [
        'confusion-0000012.png',
        ...[4, 8].map((step) => `first-filters-000000${step}.png`),
        'first-filters-0000012.png',
      ].sort(),
    );
    expect(eventTags()).toEqual(expect.arrayContaining(['first filters@8', 'norm of weights@12', 'confusion@12']));
    expect((await readRun(folder)).info.notes).toEqual({ testAccuracy: 0.5 });
    await expect(tracker.picture('x', new Uint8Array(3))).rejects.toThrow(
      "picture: the 3 bytes of 'x' are no PNG file.",
    );
  });

  test('moves an earlier one in its folder out of the way', async () => {
    await train([trackRun(folder, { name: 'one' })]);
    await train([trackRun(folder, { name: 'two' })]);
    await train([trackRun(folder, { name: 'three' })]);
    const runs = await listRuns(folder);
    expect(runs).toEqual([folder, join(folder, 'earlier', '1'), join(folder, 'earlier', '2')]);
    const names = await Promise.all(runs.map(async (run) => (await readRun(run)).info.name));
    expect(names).toEqual(['three', 'one', 'two']);
  });

  test('moves what is left of one whose move was interrupted', async () => {
    await train([trackRun(folder)]);
    const steps = readFileSync(join(folder, 'steps.jsonl'));
    rmSync(join(folder, 'run.json'));
    await train([trackRun(folder)]);
    expect(readFileSync(join(folder, 'earlier', '1', 'steps.jsonl'))).toEqual(steps);
  });

  test('tells by what error it failed', async () => {
    const failing: Callback = {
      onStep(_run, { step }) {
        if (step === 6) throw new Error('the sky fell');
      },
    };
    await expect(train([trackRun(folder), failing])).rejects.toThrow('the sky fell');
    expect((await readRun(folder)).info).toMatchObject({ end: 'failed', error: 'the sky fell.' });
    expect(await stepsOf()).toEqual(upTo(6));
  });

  test('refuses a misspelt option, a folder that is a file, and additions before it starts', async () => {
    // @ts-expect-error
    expect(() => trackRun(folder, { confg: {} })).toThrow(
      "trackRun: there is no option 'confg'. Did you mean 'config'?",
    );
    writeFileSync(folder, '');
    await expect(train([trackRun(folder)])).rejects.toThrow(DataError);
    await expect(trackRun(folder).note({})).rejects.toThrow(ArgumentError);
  });
});

describe('a resumed run', () => {
  /** Ends after `stopAt` steps; gives the checkpoint after `saveAt`. */
  async function interrupted(saveAt: number, stopAt: number): Promise<Uint8Array> {
    let saved = new Uint8Array(0);
    const stopping: Callback = {
      onSettled(run, event) {
        if (event !== 'step') return;
        if (run.step === saveAt) saved = Uint8Array.from(run.checkpoint());
        if (run.step === stopAt) run.stop();
      },
    };
    const tracker = trackRun(folder);
    await train([tracker, stopping]);
    await tracker.picture('late', png);
    return saved;
  }

  test('goes on in the same files, without what lay ahead and without gaps', async () => {
    const checkpoint = await interrupted(6, 9);
    expect(await stepsOf()).toEqual(upTo(9));
    await train([trackRun(folder), {}], checkpoint);
    expect(await stepsOf()).toEqual(upTo(12));
    const { info, epochs } = await readRun(folder);
    expect(info.sessions.map(({ step }) => step)).toEqual([0, 6]);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(readdirSync(join(folder, 'pictures'))).toEqual([]);
    const tags = eventTags();
    expect(tags).toHaveLength(new Set(tags).size);
    expect(tags.filter((tag) => tag.startsWith('loss/step'))).toEqual(upTo(12).map((step) => `loss/step@${step}`));
  });

  test('heals records that were cut off', async () => {
    const checkpoint = await interrupted(9, 9);
    for (const file of ['steps.jsonl', 'epochs.jsonl', EVENTS]) appendFileSync(join(folder, file), '{"step": 1');
    expect(await stepsOf()).toEqual(upTo(9));
    await train([trackRun(folder), {}], checkpoint);
    expect(await stepsOf()).toEqual(upTo(12));
    expect(eventTags().filter((tag) => tag.startsWith('loss/step'))).toHaveLength(12);
  });

  test('takes from the history what was not tracked', async () => {
    const checkpoint = await interrupted(6, 6);
    rmSync(folder, { recursive: true });
    const history = await train([trackRun(folder), {}], checkpoint);
    const { steps, epochs } = await readRun(folder);
    expect(steps.map(({ loss }) => loss)).toEqual(history.stepLoss);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(eventTags().filter((tag) => tag.startsWith('loss/validation'))).toEqual(
      [4, 8, 12].map((step) => `loss/validation@${step}`),
    );
  });
});

test('a run that is killed leaves readable files', async () => {
  const child = spawn(
    process.execPath,
    [
      '--import',
      pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
      join(import.meta.dirname, 'endlessRun.ts'),
      folder,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const steps = join(folder, 'steps.jsonl');
  const deadline = Date.now() + 20_000;
  while (!(existsSync(steps) && readFileSync(steps).length > 3000) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill('SIGKILL');
  await ended;
  const { info } = await readRun(folder);
  expect(info.end).toBeNull();
  const tracked = await stepsOf();
  expect(tracked.length).toBeGreaterThan(10);
  expect(tracked).toEqual(upTo(tracked.length));
});

describe('LogFile', () => {
  test('removes what is not to stay, and goes on behind the rest', () => {
    const path = `${folder}.log`;
    writeFileSync(path, 'abc\nde');
    const log = new LogFile(path, () => 4);
    log.append(Buffer.from('fgh\n'));
    log.close();
    expect(readFileSync(path, 'utf8')).toBe('abc\nfgh\n');
  });
});

test.skipIf(!existsSync('/dev/full'))('a full disk is told once, and training goes on', async () => {
  const { symlinkSync, unlinkSync } = await import('node:fs');
  const warnings: string[] = [];
  const tracker = trackRun(folder, { warn: (message) => warnings.push(message) });
  const breaking: Callback = {
    onTrainStart() {
      // What is written atomically has nowhere to go now.
      rmSync(join(folder, 'pictures'), { recursive: true });
      symlinkSync('/dev/full', join(folder, 'pictures'));
    },
    async onEpochEnd() {
      await tracker.picture('x', png);
    },
  };
  const history = await train([tracker, breaking]);
  expect(history.endReason).toBe('done');
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^trackRun: .* misses something: .* Training goes on\.$/);
  expect(await stepsOf()).toEqual(upTo(12));
  unlinkSync(join(folder, 'pictures'));
});

describe('the folder of a tracked run', () => {
  test('is one run’s at a time', async () => {
    const locks = () => readdirSync(folder).filter((name) => name.endsWith('.lock'));
    const running = train([trackRun(folder)]);
    await vi.waitFor(() => expect(locks()).toHaveLength(1), { interval: 1 });
    await expect(train([trackRun(folder)])).rejects.toThrow(DataError);
    await expect(train([trackRun(folder)])).rejects.toThrow(
      `trackRun: the folder ${folder} has been in use by this process (${process.pid}) already since`,
    );
    const history = await running;
    expect((await readRun(folder)).steps.map(({ loss }) => loss)).toEqual(history.stepLoss);
    expect(readdirSync(folder).filter((name) => name.endsWith('.lock') || name === 'earlier')).toEqual([]);
    await train([trackRun(folder)]);
  });

  test('takes no notes of an earlier run once another has begun there', async () => {
    const warnings: string[] = [];
    const earlier = trackRun(folder, { name: 'earlier', warn: (message) => void warnings.push(message) });
    await train([earlier]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await train([trackRun(folder, { name: 'later' })]);
    const before = await readRun(folder);
    await earlier.note({ testAccuracy: 0.1 });
    await earlier.scalars({ testAccuracy: 0.1 });
    expect(await readRun(folder)).toEqual(before);
    expect(before.info.name).toBe('later');
    expect(warnings).toEqual([`trackRun: ${folder} misses something: another run has begun there. Training goes on.`]);
  });
});
