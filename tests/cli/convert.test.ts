import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { convertModel } from '../../cli/convert/convertModel.js';
import { createModel, manualSeed, readSafetensors, Tensor } from '../../src/index.js';
import { loadOnnx, saveWeights } from '../../src/node/index.js';
import { stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-convert-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

manualSeed(1);
const model = createModel('cifar_net', { numClasses: 7 });
const x = Tensor.from(
  Float32Array.from({ length: 2 * 3 * 32 * 32 }, (_, i) => Math.sin(i)),
  [2, 3, 32, 32],
);

describe('stridenet convert', () => {
  beforeAll(() => saveWeights(at('net.safetensors'), model));

  test('makes a whole model of weights, with as many classes as they have', async () => {
    const { code, stdout } = await stridenet(['convert', 'net.safetensors', 'net.onnx', '--model', 'cifar_net'], {
      cwd: folder,
    });
    expect([code, stdout]).toEqual([0, 'net.onnx: a model for images of 3 x 32 x 32\n']);
    const [first] = (await loadOnnx(at('net.onnx'))).predict(x).data;
    expect(first).toBeCloseTo(model.predict(x).data[0], 5);
  });

  test('takes the prefix off the names of another program', async () => {
    const wrapped = new Map([...model.stateDict()].map(([name, entry]) => [`module.${name}`, entry]));
    await saveWeights(at('wrapped.safetensors'), wrapped);
    await convertModel(at('wrapped.safetensors'), at('unwrapped.safetensors'), { model: 'cifar_net' });
    const names = [...readSafetensors(readFileSync(at('unwrapped.safetensors'))).keys()];
    expect(names).toEqual([...model.stateDict().keys()]);
  });

  test('copies weights as they are without a model, and those of an ONNX file', async () => {
    expect(await convertModel(at('net.safetensors'), at('copy.safetensors'), {})).toMatch(
      /: \d+ tensors, [\d,]+ values$/,
    );
    expect(readFileSync(at('copy.safetensors')).equals(readFileSync(at('net.safetensors')))).toBe(true);
    await convertModel(at('net.onnx'), at('back.safetensors'), {});
    const sizes = [...readSafetensors(readFileSync(at('back.safetensors'))).values()].map(({ data }) => data.length);
    const own = [...model.stateDict().values()].map(({ data }) => data.length);
    expect(sizes.reduce((a, b) => a + b)).toBe(own.reduce((a, b) => a + b));
  });

  test('says what is missing or wrong', async () => {
    const file = at('net.safetensors');
    await expect(convertModel(file, 'net.pt', {})).rejects.toThrow('must end in .safetensors or .onnx');
    await expect(convertModel(file, 'net.onnx', {})).rejects.toThrow('Name the model that they are for: --model NAME.');
    await expect(convertModel(at('net.onnx'), at('b.onnx'), {})).rejects.toThrow('--input 3x224x224');
    await expect(convertModel(file, 'net.onnx', { model: 'cifarnet' })).rejects.toThrow('Did you mean cifar_net?');
    const { code, stderr } = await stridenet(['convert', 'nowhere.th', 'net.safetensors'], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^stridenet convert: .*nowhere\.th/);
  });
});
