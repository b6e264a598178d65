import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { applyPlan, QuantizedModel } from '../../src/edge/index.js';
import { createModel } from '../../src/index.js';
import { loadWeights, saveOnnx, saveWeights } from '../../src/node/index.js';
import { drawPhotos, saveDrawnBackbone } from '../../testing/drawnPhotos.js';
import { stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-edge-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('stridenet prune', () => {
  test('writes smaller weights and what was removed, from which the network is made again', async () => {
    await saveWeights(join(folder, 'net.safetensors'), createModel('cifar_net'));
    const args = [
      'prune',
      'net.safetensors',
      'small.safetensors',
      '--model',
      'cifar_net',
      '--speedup',
      '1.5',
      '--float16',
    ];
    const { code, stdout } = await stridenet([...args, '--epochs', '1', '--limit', '100', '--control'], {
      cwd: folder,
    });
    expect(stdout).toMatch(/multiply-adds [\d,]+ -> [\d,]+ \(1\.5\dx fewer\)/);
    expect(stdout).toMatch(/weights kept from the large model +0\.\d{4}/);
    expect(code).toBe(0);
    const plan = JSON.parse(readFileSync(join(folder, 'small.safetensors.plan.json'), 'utf8'));
    const small = applyPlan(createModel('cifar_net'), plan);
    small.loadStateDict(await loadWeights(join(folder, 'small.safetensors')));
  });

  test('takes ONNX files, and says what is missing', async () => {
    await saveOnnx(join(folder, 'net.onnx'), createModel('cifar_net'), [1, 3, 32, 32]);
    const { code } = await stridenet(['prune', 'net.onnx', 'small.onnx', '--input', '32'], { cwd: folder });
    expect(code).toBe(0);
    expect((await stridenet(['prune', 'net.onnx', 'small.onnx'], { cwd: folder })).stderr).toContain(
      '--input 3x224x224',
    );
    const { code: usage, stderr } = await stridenet(['prune', 'net.safetensors', 'small.txt'], { cwd: folder });
    expect([usage, stderr.includes('must end in .safetensors or .onnx')]).toEqual([2, true]);
  });
});

describe('stridenet distill', () => {
  test('trains a student with its teacher and alone', async () => {
    await saveWeights(join(folder, 'teacher.safetensors'), createModel('cifar_net'));
    const args = [
      'distill',
      'teacher.safetensors',
      'student.safetensors',
      '--teacher',
      'cifar_net',
      '--student',
      'cifar_net',
    ];
    const rest = ['--width', '0.5', '--epochs', '1', '--limit', '100', '--alone'];
    const { code, stdout } = await stridenet([...args, ...rest], { cwd: folder });
    expect(stdout).toMatch(/teacher cifar_net: test accuracy [\d.]+ %/);
    expect(stdout).toMatch(/cifar_net from it, 1 epochs: test accuracy/);
    expect(stdout).toMatch(/cifar_net alone, 1 epochs: test accuracy/);
    expect(code).toBe(0);
  });
});

describe('stridenet budget', () => {
  test('prints what fits on this machine', async () => {
    const args = ['budget', '--ms', '1000', '--mb', '1', '--models', 'cifar_net', '--widths', '0.5,1'];
    const { code, stdout } = await stridenet(args);
    expect(stdout).toMatch(/^model +width +image/);
    expect(stdout.match(/^cifar_net/gm)).toHaveLength(2);
    expect(code).toBe(0);
    expect((await stridenet(['budget', '--widths', 'a'])).code).toBe(2);
  });
});

describe('stridenet quantize', () => {
  test('with --photos, a classifier stays a classifier', async () => {
    drawPhotos(join(folder, 'photos'));
    await saveDrawnBackbone(join(folder, 'classifier.safetensors'));
    const args = ['quantize', 'classifier.safetensors', 'small.safetensors', '--photos', 'photos'];
    const { code, stdout } = await stridenet([...args, '--calibration', '9', '--limit', '4'], { cwd: folder });
    expect(stdout).toMatch(/same answer +[\d.]+ % +of 4 images/);
    expect(code).toBe(0);
    const answer = await stridenet(['classify', 'photos/val/dots/1.png', '--model', 'small.safetensors'], {
      cwd: folder,
    });
    expect(answer.stdout).toMatch(/^photos\/val\/dots\/1\.png: class \d [\d.]+ %/);
    expect((await stridenet([...args, '--model', 'vgg16'], { cwd: folder })).stderr).toContain('--model has no use');
  });

  test('writes integers and their report, and an ONNX file', async () => {
    await saveWeights(join(folder, 'whole.safetensors'), createModel('cifar_net'));
    const args = ['quantize', 'whole.safetensors', 'small.int8.safetensors', '--model', 'cifar_net'];
    const few = ['--calibration', '20', '--limit', '50', '--max-drop', '100'];
    const { code, stdout } = await stridenet([...args, ...few, '--html', 'report.html'], { cwd: folder });
    expect(stdout).toContain('top-1');
    expect(stdout).toContain('small.int8.safetensors is written');
    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('Error of each layer');
    const quantized = QuantizedModel.load(readFileSync(join(folder, 'small.int8.safetensors')));
    expect(quantized.weightBits).toBe(8);
    const { stderr } = await stridenet(['quantize', 'whole.safetensors', 'small.onnx'], { cwd: folder });
    expect(stderr).toContain('--model NAME');
  });
});
