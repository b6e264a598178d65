import { describe, expect, test } from 'vitest';
import { stridenet } from './run.js';

describe('stridenet bench', () => {
  test('prints a line for each measurement, and what it ran on', async () => {
    const { code, stdout } = await stridenet(['bench', '--threads', '1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/, Node \d+\.\d+\.\d+, load average \d/);
    expect(stdout).toMatch(/^(simd|plain) kernels on 1 thread/m);
    for (const line of ['matrix product', '3x3 convolution', 'ResNet-20 training step', 'cifar_net, one image']) {
      expect(stdout).toMatch(new RegExp(`^${line}.* [\\d.]+ ms +[\\d.]+`, 'm'));
    }
  });

  test('measures the networks and the table that are asked for', async () => {
    const { stdout } = await stridenet(['bench', '--models', 'resnet20,vgg_small', '--kernels', 'plain', '--json']);
    const { kernels, rows } = JSON.parse(stdout);
    expect(kernels.table).toBe('plain');
    const measured = rows as { what: string; milliseconds: number; runs: number }[];
    expect(measured.map(({ what }) => what.split(',')[0])).toEqual(expect.arrayContaining(['resnet20', 'vgg_small']));
    for (const { what, milliseconds, runs } of measured) {
      expect(milliseconds, what).toBeGreaterThan(0);
      expect(runs, what).toBeGreaterThanOrEqual(1);
    }
  });

  test('refuses a network that does not exist before it measures anything', async () => {
    const { code, stdout, stderr } = await stridenet(['bench', '--models', 'resnet2']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/There is no model 'resnet2'\. Did you mean /);
  });
});
