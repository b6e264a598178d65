import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { exportQuantizedOnnx, importQuantizedOnnx, type QuantizedModel, quantize } from '../../../src/edge/index.js';
import { Conv2d, Module, Sequential } from '../../../src/layers/index.js';
import { encodeModel } from '../../../src/onnx/encode.js';
import { exportOnnx, importOnnx } from '../../../src/onnx/index.js';
import { DataType } from '../../../src/onnx/proto.js';
import { Tensor } from '../../../src/tensor/tensor.js';
import { normals } from '../../../testing/arbitraries.js';

const shape = [6, 3, 12, 12];
const x = Tensor.from(normals(shape, 'import'), shape);
const fileOf = (name: string): Uint8Array =>
  readFileSync(new URL(`../../golden/quantizedOnnx/${name}.onnx`, import.meta.url));

async function inOnnxruntime(file: Uint8Array, images: Tensor): Promise<number[]> {
  const session = await ort.InferenceSession.create(file);
  const size = images.size / images.shape[0];
  const answers: number[] = [];
  for (let i = 0; i < images.shape[0]; i++) {
    const image = new ort.Tensor('float32', images.floats.slice(i * size, (i + 1) * size), [
      1,
      ...images.shape.slice(1),
    ]);
    const [answer] = Object.values(await session.run({ input: image }));
    answers.push(...(answer.data as Float32Array));
  }
  return answers;
}

const operations = ({ network }: QuantizedModel): string[] => network.nodes.map(({ op }) => op);

describe('a file of onnxruntime’s quantizer in integers', () => {
  it.each(['residual.unsigned', 'residual.perChannel', 'residual.asymmetric'])('%s gives its answers', async (name) => {
    const quantized = importQuantizedOnnx(fileOf(name));
    expect(quantized.floatOperations).toEqual([]);
    expect(operations(quantized)).toEqual([
      ...['quantize', 'conv', 'conv', 'conv', 'conv', 'add', 'maxPool', 'conv', 'conv', 'dequantize'],
    ]);
    const wanted = await inOnnxruntime(fileOf(name), x);
    const step = Math.min(...wanted.filter((v) => v !== 0).map(Math.abs));
    const found = quantized.predict(x).data;
    // Both round each output once; where a sum lies between two bytes, the last bit of a multiplier may decide.
    for (const [i, v] of wanted.entries()) expect(Math.abs(v - found[i])).toBeLessThan(1.01 * step);
    expect(wanted.filter((v, i) => v === found[i]).length).toBeGreaterThan(0.95 * wanted.length);
  });

  it('keeps squeeze-and-excitation, concatenations, activations and added constants in bytes', async () => {
    const file = fileOf('branches.perChannel');
    const quantized = importQuantizedOnnx(file);
    expect(quantized.floatOperations).toEqual(['OnnxModule (softmax)']);
    expect(new Set(operations(quantized))).toEqual(
      new Set(['quantize', 'conv', 'lookup', 'avgPool', 'concat', 'scale', 'view', 'dequantize', 'float']),
    );
    const wanted = await inOnnxruntime(file, x);
    const found = quantized.predict(x).data;
    // Steps of 1/256 behind a softmax of logits that may be a step apart.
    for (const [i, v] of wanted.entries()) expect(Math.abs(v - found[i])).toBeLessThan(3.01 / 255);
  });

  it('keeps names, weights and scales of the file', () => {
    const [first] = importQuantizedOnnx(fileOf('residual.perChannel')).network.nodes.filter(({ op }) => op === 'conv');
    expect(first).toMatchObject({ name: '/conv_1', window: { kernel: [3, 3] } });
    if (first.op !== 'conv') return;
    expect(first.scales).toHaveLength(8);
    expect(Math.max(...first.weight.map(Math.abs))).toBe(127);
  });

  it('saves as any quantized model', () => {
    const quantized = importQuantizedOnnx(fileOf('residual.unsigned'));
    const again = (quantized.constructor as typeof QuantizedModel).load(quantized.save());
    expect([...again.predict(x).data]).toEqual([...quantized.predict(x).data]);
  });

  it('says what it needs', () => {
    expect(() => importQuantizedOnnx(fileOf('residual.unsigned'), { inputShape: [1, 3, 8, 8] })).toThrow('linear');
    const plain = exportOnnx(new Sequential(new Conv2d(3, 2, 3)), [1, 3, 8, 8]);
    expect(() => importQuantizedOnnx(plain)).toThrow('no activations between QuantizeLinear and DequantizeLinear');
    expect(() => importQuantizedOnnx(rounding(DataType.UINT16, [0.1]))).toThrow('from 0 to 65535');
    expect(() => importQuantizedOnnx(rounding(DataType.UINT8, [0.1, 0.2, 0.3]))).toThrow('3 scales or zero points');
    expect(() => importQuantizedOnnx(rounding(DataType.UINT8, [0.1], ['h', 'w']))).toThrow('Pass inputShape');
  });
});

it('refuses a file in which everything stayed in float, which importOnnx reads', async () => {
  class Late extends Module {
    conv = new Conv2d(3, 4, 1);
    override forward(input: Tensor): Tensor {
      return this.conv.forward(input);
    }
  }
  const quantized = await quantize(new Late().eval(), {
    inputShape: shape,
    calibration: x,
    maxDrop: 1,
    keepFloat: ['conv'],
  });
  const file = exportQuantizedOnnx(quantized);
  expect(() => importQuantizedOnnx(file)).toThrow('says nothing about 8-bit integers');
  expect(importOnnx(file).predict(x).shape).toEqual([6, 4, 12, 12]);
});

/** x -> QuantizeLinear -> DequantizeLinear, and nothing else. */
function rounding(type: number, scales: number[], size: (string | number)[] = [4, 4]): Uint8Array {
  const constant = (name: string, dataType: number, numbers: Float32Array | Uint8Array | Uint16Array) => {
    const raw = new Uint8Array(numbers.buffer);
    const dims = numbers.length === 1 ? [] : [numbers.length];
    return { name, dims, dataType, raw, numbers: null, external: null };
  };
  const node = (opType: string, from: string, to: string) => ({
    ...{ name: opType, opType, domain: '', inputs: [from, 'scale', 'zero'], outputs: [to], attributes: new Map() },
  });
  return encodeModel({
    ...{ irVersion: 8, producerName: '', producerVersion: '', opset: 21 },
    graph: {
      name: 'rounding',
      nodes: [node('QuantizeLinear', 'input', 'bytes'), node('DequantizeLinear', 'bytes', 'output')],
      initializers: [
        constant('scale', DataType.FLOAT, Float32Array.from(scales)),
        constant('zero', type, new (type === DataType.UINT8 ? Uint8Array : Uint16Array)(scales.length)),
      ],
      inputs: [{ name: 'input', elementType: DataType.FLOAT, shape: [1, 3, ...size] }],
      outputs: [{ name: 'output', elementType: DataType.FLOAT, shape: [1, 3, ...size] }],
    },
  });
}
