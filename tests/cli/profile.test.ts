import { describe, expect, test } from 'vitest';
import { stridenet } from './run.js';

describe('stridenet profile', () => {
  test('prints a row for each operation, and what the machine could reach', async () => {
    const { code, stdout } = await stridenet(['profile', 'resnet20', '--threads', '1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^module +operation +algorithm +output +ms/);
    expect(stdout).toMatch(/^layer1\.0\.conv1 +fusedConv2d +\w+ +\[1, 16, 32, 32\] +[\d.]+/m);
    expect(stdout).toMatch(/total [\d.]+ ms; a large matrix product reaches [\d.]+ GFLOP\/s/);
  });

  test('gives the numbers as JSON, for batches too', async () => {
    const { stdout } = await stridenet(['profile', 'resnet20', '--batch', '3', '--input', '16', '--json']);
    const { rows, ms } = JSON.parse(stdout);
    expect(rows[0]).toMatchObject({ module: 'conv1', outputShape: [3, 16, 16, 16] });
    expect(ms).toBeGreaterThan(0);
  });

  test('refuses a model that does not exist', async () => {
    expect((await stridenet(['profile', 'resnet2'])).code).toBe(2);
  });
});
