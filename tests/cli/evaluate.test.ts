import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (...args: string[]) => stridenet(args, { cwd: folder });

describe('stridenet evaluate', () => {
  beforeAll(async () => {
    const ended = await Promise.all([
      run('train', '--out', 'runs/a', '--seed', '3'),
      run('recipe', 'tiny', '--limit', '350', '--out', 'runs/b'),
    ]);
    expect(
      ended.map(({ code }) => code),
      ended.map(({ output }) => output).join('\n'),
    ).toEqual([0, 0]);
  }, 60_000);

  test('finds the accuracy that training a network ended with', async () => {
    const { code, stdout } = await run('evaluate', 'runs/a', '--json');
    expect(code).toBe(0);
    const saved = JSON.parse(readFileSync(join(folder, 'runs/a/test.json'), 'utf8'));
    const { model, count, loss, accuracy, confusion } = JSON.parse(stdout);
    expect({ model, count, accuracy, confusion }).toEqual({
      model: 'cifar_net',
      count: saved.count,
      accuracy: saved.accuracy,
      confusion: saved.confusion,
    });
    expect(loss).toBeCloseTo(saved.loss, 5);
  });

  test('measures the weights alone, where the model is named', async () => {
    const file = 'runs/a/weights.safetensors';
    const { stdout } = await run('evaluate', file, '--model', 'cifar_net', '--limit', '50');
    expect(stdout).toMatch(/^cifar_net from runs\/a\/weights\.safetensors: 50 test images of synthetic\n/);
    expect(stdout).toMatch(/^test accuracy \d+\.\d\d %$/m);
  });

  test('says what is missing or wrong', async () => {
    const file = 'runs/a/weights.safetensors';
    const cases: [args: string[], code: number, message: RegExp][] = [
      [[], 2, /Missing required argument 'WEIGHTS'\./],
      [['nowhere'], 1, /There is no file or folder nowhere\./],
      [[file], 2, /Name the model that .* has the weights of: --model NAME\./],
      [[file, '--model', 'cifarnet'], 2, /There is no model 'cifarnet'\. Did you mean cifar_net\?/],
      [[file, '--model', 'cifar_net', '--mean', '1,2'], 2, /--mean and --std go together\./],
      [[file, '--model', 'cifar_net', '--mean', '1,2', '--std', '1,1,1'], 2, /--mean is '1,2', but must be three/],
      [[file, '--model', 'resnet20'], 1, /conv1\.weight/],
    ];
    for (const [args, code, message] of cases) {
      const ended = await run('evaluate', ...args);
      expect(ended.stderr).toMatch(message);
      expect([ended.code, ended.stdout], args.join(' ')).toEqual([code, '']);
    }
  });
});
