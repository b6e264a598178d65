import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CommandError } from '../../cli/flags.js';
import { DEFAULTS, readSaved } from '../../cli/train/settings.js';
import { readSafetensors } from '../../src/io/safetensors.js';
import { createModel } from '../../src/models/index.js';
import { bytesIn, type Ended, type RunOptions, stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-train-'));
afterAll(() => rmSync(folder, { recursive: true }));

const train = (args: string[], onOutput?: RunOptions['onOutput']) =>
  stridenet(['train', ...args], { cwd: folder, onOutput });
const json = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8'));

describe('the command line', () => {
  test('fills in what is not given', async () => {
    await train(['--out', 'runs/flags', '--epochs', '1', '--learning-rate=0.03', '--limit', '100']);
    const { model, epochs, learningRate, batchSize, limit } = json('runs/flags/config.json');
    expect({ model, epochs, learningRate, batchSize, limit }).toEqual({
      model: 'cifar_net',
      epochs: 1,
      learningRate: 0.03,
      batchSize: DEFAULTS.batchSize,
      limit: 100,
    });
  });

  test.each([
    [['--foo'], 'There is no flag --foo.'],
    [['--epoch', '3'], 'There is no flag --epoch. Did you mean --epochs?'],
    [['foo', 'bar'], 'Too many arguments. Expected 1 argument but got 2.'],
    [['--epochs', '0'], "--epochs is '0', but must be a whole number from 1 to 10000."],
    [['--epochs', '1.5'], "--epochs is '1.5', but must be a whole number from 1 to 10000."],
    [['--learning-rate', 'fast'], "--learning-rate is 'fast', but must be a number from 1e-9 to 100."],
    [['--kernels', 'gpu'], "--kernels is 'gpu', but must be one of simd, plain, reference."],
    [['--model', 'resnet19'], /^--model is 'resnet19', but must be one of cifar_net, .* Did you mean resnet/],
    [['--out'], '--out needs a value: --out DIR.'],
    [['--resume=yes'], 'There is no flag --resume=yes.'],
  ])('answers %j with a sentence and exit code 2', async (args, sentence) => {
    const { code, stdout, stderr } = await train(args);
    const [line, hint] = stderr.split('\n');
    expect([code, stdout, hint]).toEqual([2, '', "Run 'stridenet train --help' to see what it takes."]);
    const message = line.replace('stridenet train: ', '');
    if (typeof sentence === 'string') expect(message).toContain(sentence);
    else expect(message).toMatch(sentence);
  });

  test.each([
    [{ epoch: 3 }, "run/config.json: there is no setting 'epoch'. Did you mean epochs?"],
    [{ foo: 3 }, "run/config.json: there is no setting 'foo'."],
    [{ epochs: 0 }, "run/config.json: --epochs is '0', but must be a whole number from 1 to 10000."],
    [{ epochs: '3' }, 'run/config.json: epochs is "3", but must be a number.'],
    [{ resume: 1 }, 'run/config.json: resume is 1, but must be a boolean.'],
    [[], 'run/config.json does not hold an object of settings.'],
  ])('answers a saved configuration %j with a sentence', (saved, sentence) => {
    expect(() => readSaved(saved, 'run/config.json')).toThrow(new CommandError(sentence));
  });

  test('takes a saved configuration as it was', () => {
    const settings = { ...DEFAULTS, epochs: 3, learningRate: 0.5, data: 'somewhere' };
    expect(readSaved(JSON.parse(JSON.stringify(settings)), 'x')).toEqual(settings);
  });

  test('has a help text with every flag', async () => {
    const { stdout } = await train(['--help']);
    for (const flag of [
      'data',
      'model',
      'epochs',
      'minutes',
      'batch-size',
      'learning-rate',
      'seed',
      'kernels',
      'threads',
      'out',
    ]) {
      expect(stdout).toContain(`  --${flag} `);
    }
  });
});

describe('the main job', () => {
  test('leaves history, weights and pictures, and ends with the test accuracy', async () => {
    const { code, output } = await train(['--out', 'runs/a', '--epochs', '2', '--limit', '100']);
    expect(code).toBe(0);
    expect(output.trim().split('\n').at(-1)).toMatch(/^test accuracy \d{1,3}\.\d\d %$/);
    expect(output).toMatch(/epoch 2\/2 {2}loss \d/);
    expect(readdirSync(join(folder, 'runs/a')).sort()).toEqual([
      'accuracy.svg',
      'checkpoints',
      'config.json',
      'confusion.svg',
      'epochs.jsonl',
      'events.out.tfevents.0.stridenet',
      'filters.png',
      'history.json',
      'loss.svg',
      'mistakes.svg',
      'pictures',
      'run.json',
      'steps.jsonl',
      'test.json',
      'weights.safetensors',
    ]);
    expect(json('runs/a/history.json').epochs).toHaveLength(2);
    expect(json('runs/a/test.json').count).toBe(100);
    const weights = readSafetensors(readFileSync(join(folder, 'runs/a/weights.safetensors')));
    expect([...weights.keys()]).toEqual([...createModel('cifar_net').stateDict().keys()]);
    for (const name of ['accuracy', 'confusion', 'loss', 'mistakes']) {
      expect(readFileSync(join(folder, 'runs/a', `${name}.svg`), 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    }
  });

  test('--minutes trains by the clock, to the end of the schedule', async () => {
    const { code, output } = await train(['--out', 'runs/timed', '--minutes', '0.05', '--limit', '100']);
    expect(code).toBe(0);
    expect(output).toMatch(/epoch 1 {2}loss \d/);
    expect(output).toMatch(/test accuracy/);
    const { endReason, epochs } = json('runs/timed/history.json');
    expect(endReason).toBe('done');
    // The schedule is at its end, whatever the number of epochs that was.
    expect(epochs.at(-1).learningRate).toBeLessThan(0.01);
    expect(json('runs/timed/config.json').minutes).toBe(0.05);
  });

  test('stops at Ctrl-C with everything so far saved, and goes on with --resume', async () => {
    let asked = 0;
    const stopped = await train(['--out', 'runs/b', '--epochs', '500', '--limit', '100'], (output, kill) => {
      if (!output.includes('epoch   1/500') || asked++ > 0) return;
      // Twice at once: npm passes on what the terminal has sent already.
      kill('SIGINT');
      setTimeout(() => kill('SIGINT'), 20);
    });
    expect(stopped.code).toBe(130);
    expect(stopped.output).toMatch(/Stopped after step \d+; saved in runs\/b/);
    const before = json('runs/b/history.json');
    expect(before.endReason).toBe('aborted');
    expect(before.epochs.length).toBeGreaterThanOrEqual(1);
    expect(readSafetensors(readFileSync(join(folder, 'runs/b/weights.safetensors'))).size).toBeGreaterThan(0);

    const epochs = String(before.epochs.length + 1);
    const resumed = await train(['--out', 'runs/b', '--resume', '--epochs', epochs]);
    expect(resumed.output).toMatch(/^from step \d+ \(runs\/b\/checkpoints\/step-\d{8}\.safetensors\)$/m);
    expect(resumed.output).toMatch(/test accuracy/);
    const after = json('runs/b/history.json');
    expect(after.epochs).toHaveLength(Number(epochs));
    expect(after.stepLoss.slice(0, before.stepLoss.length)).toEqual(before.stepLoss);
    expect(json('runs/b/config.json').limit).toBe(100);
  });

  test('refuses to go on with other settings, and leaves every byte as it was', async () => {
    await train(['--out', 'runs/refused', '--epochs', '1', '--limit', '100']);
    const before = bytesIn(join(folder, 'runs/refused'));
    for (const [flag, given, saved] of [
      ['--model', 'resnet20', 'cifar_net'],
      ['--batch-size', '16', '32'],
      ['--seed', '7', '0'],
      ['--limit', '90', '100'],
    ]) {
      const refused = await train(['--resume', flag, given, '--out', 'runs/refused']);
      expect(refused).toMatchObject({
        code: 1,
        output: `stridenet train: --resume: the run in runs/refused has ${flag} ${saved}, not ${given}. Leave ${flag} out to go on with it, or start a new run with another --out.\n`,
      });
      expect(bytesIn(join(folder, 'runs/refused'))).toEqual(before);
    }
    const resumed = await train(['--resume', '--out', 'runs/refused', '--epochs', '2']);
    expect(resumed.output).toMatch(/test accuracy/);
  });

  test('refuses to go on with other images in words of its own, and leaves every byte as it was', async () => {
    await train(['--out', 'runs/images', '--epochs', '1', '--limit', '100']);
    // As if the checkpoint were of a run on fewer images.
    const path = join(folder, 'runs/images/config.json');
    writeFileSync(path, JSON.stringify({ ...json('runs/images/config.json'), limit: 90 }));
    const before = bytesIn(join(folder, 'runs/images'));
    const { code, output } = await train(['--resume', '--out', 'runs/images', '--epochs', '2']);
    expect(code).toBe(1);
    expect(output).toMatch(
      /^stridenet train: --resume: the images are not those that the run in runs\/images was trained on\./m,
    );
    expect(bytesIn(join(folder, 'runs/images'))).toEqual(before);
  });

  test('a second run in a folder loses nothing of the first', async () => {
    const args = ['--out', 'runs/twice', '--epochs', '1', '--limit', '100'];
    await train(args);
    const first = bytesIn(join(folder, 'runs/twice'));
    writeFileSync(join(folder, 'runs/twice/notes.txt'), 'of the user');
    const second = await train([...args, '--seed', '1', '--batch-size', '16']);
    expect(second.output).toContain('what an earlier run left in runs/twice is now in runs/twice/earlier/1');
    expect(bytesIn(join(folder, 'runs/twice/earlier/1'))).toEqual(first);
    expect(json('runs/twice/config.json').seed).toBe(1);
    expect(readFileSync(join(folder, 'runs/twice/notes.txt'), 'utf8')).toBe('of the user');
    // The earlier one can still go on.
    const resumed = await train(['--out', 'runs/twice/earlier/1', '--resume', '--epochs', '2']);
    expect(resumed.output).toMatch(/test accuracy/);
  });

  test('a finished run that goes on keeps its results so far', async () => {
    await train(['--out', 'runs/longer', '--epochs', '1', '--limit', '100']);
    const names = ['config.json', 'test.json', 'weights.safetensors', 'history.json'];
    const before = names.map((name) => readFileSync(join(folder, 'runs/longer', name)));
    await train(['--out', 'runs/longer', '--resume', '--epochs', '2']);
    expect(names.map((name) => readFileSync(join(folder, 'runs/longer/earlier/1', name)))).toEqual(before);
    expect(json('runs/longer/history.json').epochs).toHaveLength(2);
  });

  test('a killed run goes on, and no second process uses its folder meanwhile', async () => {
    let other: Promise<Ended> | undefined;
    const killed = await train(['--out', 'runs/killed', '--epochs', '500', '--limit', '100'], (output, kill) => {
      if (!output.includes('epoch   2/500') || other !== undefined) return;
      other = train(['--out', 'runs/killed', '--limit', '100']);
      void other.then(() => kill('SIGKILL'));
    });
    expect(killed.code).toBe(null);
    const refused = (await other) as Ended;
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(
      /^stridenet train: --out: the folder runs\/killed has been in use by process \d+ on /,
    );
    const steps = readFileSync(join(folder, 'runs/killed/steps.jsonl'), 'utf8');
    const resumed = await train(['--out', 'runs/killed', '--resume', '--epochs', '3', '--minutes', '0.02']);
    expect(resumed.output).toMatch(/^from step \d+/m);
    expect(resumed.code).toBe(0);
    const [line] = readFileSync(join(folder, 'runs/killed/steps.jsonl'), 'utf8').split('\n');
    expect(steps.startsWith(line)).toBe(true);
  });

  test('says what is wrong in one sentence and exit code 1', async () => {
    const { code, output } = await train(['--resume', '--out', 'runs/none']);
    expect(output).toBe(
      'stridenet train: --resume: there is no checkpoint in runs/none. Leave --resume out to start anew.\n',
    );
    expect(code).toBe(1);
  });
});
