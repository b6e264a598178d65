import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/base/errors.js';
import {
  Conv2d,
  createModel,
  crossEntropy,
  Linear,
  Module,
  ReLU,
  Sequential,
  SGD,
  Tensor,
  withTape,
} from '../../src/index.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { exportOnnx, exportOnnxExternal, importOnnx } from '../../src/onnx/index.js';
import type { ModelProto } from '../../src/onnx/proto.js';
import { expectOnlyFormatErrors, mutated } from '../../testing/mutations.js';
import { fill } from '../golden/fill.js';
import { expectClose, images, runOnnx } from './support.js';

const golden = new URL('../golden/', import.meta.url);
const bytes = new Uint8Array(readFileSync(new URL('files/classifier.onnx', golden)));
const { x, logits } = JSON.parse(readFileSync(new URL('onnx.json', golden), 'utf8')) as {
  x: number[];
  logits: number[][];
};
const input = Tensor.from(x, [2, 3, 10, 10]);

describe("a file of PyTorch's exporter", () => {
  test("gives PyTorch's logits, for each batch size", () => {
    const model = importOnnx(bytes);
    expectClose(model.predict(input), Tensor.from(logits));
    expectClose(model.predict(Tensor.from(x.slice(0, 300), [1, 3, 10, 10])), Tensor.from([logits[0]]));
  });

  test("bears PyTorch's names", () => {
    const state = importOnnx(bytes).stateDict();
    expect(state.get('conv1.weight')?.shape).toEqual([4, 3, 3, 3]);
    expect([...state.keys()]).toEqual(expect.arrayContaining(['bn1.running_mean', 'bn1.running_var', 'fc.bias']));
  });

  test('is written again as it was', async () => {
    const model = importOnnx(bytes);
    expectClose(await runOnnx(exportOnnx(model, [2, 3, 10, 10]), input), Tensor.from(logits));
  });

  test('learns: every parameter gets a gradient, and the loss falls', () => {
    const model = importOnnx(bytes).train();
    const optimizer = new SGD(model.parameters(), { learningRate: 0.05 });
    const before = model.stateDict().get('bn1.running_mean')?.data as Float32Array;
    const step = (): number =>
      withTape((tape) => {
        const loss = crossEntropy(model.forward(input), Int32Array.of(0, 1));
        tape.backward(loss);
        expect([...model.parameters()].filter((p) => p.grad?.data.every((g) => g === 0) ?? true)).toEqual([]);
        optimizer.step();
        return loss.item();
      });
    const losses = Array.from({ length: 20 }, step);
    expect(losses[19]).toBeLessThan(losses[0] / 2);
    expect(model.stateDict().get('bn1.running_mean')?.data).not.toEqual(before);
  });

  test('can be cut before its end and given a new head', () => {
    const { graph } = decodeModel(bytes);
    const gemm = graph.nodes.find(({ opType }) => opType === 'Gemm');
    const features = importOnnx(bytes, { output: gemm?.inputs[0] });
    expect([...features.stateDict().keys()]).not.toContain('fc.weight');
    expect(new Sequential(features, new Linear(8, 5)).predict(input).shape).toEqual([2, 5]);
  });
});

describe('weights in a file of their own', () => {
  const model = createModel('resnet20');
  fill(model);
  const { model: graph, data } = exportOnnxExternal(model, [1, 3, 32, 32], { location: 'weights.bin' });
  const weights = Buffer.concat([...data()]);

  test('hold what the model does', () => {
    expect(graph.length).toBeLessThan(60_000);
    const again = importOnnx(graph, {
      externalData: (location) => {
        expect(location).toBe('weights.bin');
        return weights;
      },
    });
    const image = images([2, 3, 32, 32]);
    expectClose(again.predict(image), model.predict(image));
  });

  test('are found by onnxruntime beside the file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stridenet-onnx-'));
    try {
      writeFileSync(join(folder, 'model.onnx'), graph);
      writeFileSync(join(folder, 'weights.bin'), weights);
      const image = images([2, 3, 32, 32]);
      expectClose(await runOnnx(join(folder, 'model.onnx'), image), model.predict(image));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('are asked for, and must be long enough', () => {
    expect(() => importOnnx(graph)).toThrow("lies in the file 'weights.bin'. Pass externalData");
    expect(() => importOnnx(graph, { externalData: () => weights.subarray(0, -1) })).toThrow(
      /lies at bytes \d+ to \d+ of/,
    );
  });
});

/** The file with its message changed. */
function changed(change: (model: ModelProto) => void): Uint8Array {
  const model = decodeModel(exportOnnx(new Sequential(new Conv2d(1, 2, 3), new ReLU()), [1, 1, 4, 4]));
  change(model);
  return encodeModel(model);
}

describe('bad input', () => {
  test('an operator that is not read is named, and its node', () => {
    const odd = changed(({ graph }) => {
      graph.nodes[0].opType = 'NonMaxSuppression';
    });
    expect(() => importOnnx(odd)).toThrow(
      "importOnnx: node NonMaxSuppression 'Conv_0' has an operator that is not read.",
    );
  });

  test('a node without its input, a graph without output, a shape that the file does not fill', () => {
    const lost = changed(({ graph }) => graph.nodes.shift());
    expect(() => importOnnx(lost)).toThrow("node Relu 'Relu_0' needs 'Conv_0', which nothing before it makes.");
    expect(() => importOnnx(bytes, { output: 'nowhere' })).toThrow("nothing in the graph makes the output 'nowhere'");
    const huge = changed(({ graph }) => {
      graph.initializers[0].dims[0] = 2 ** 40;
    });
    expect(() => importOnnx(huge)).toThrow('needs 9895604649984 elements, but the file has 18.');
  });

  test('what is no model is refused', () => {
    expect(() => importOnnx(new Uint8Array())).toThrow('the 0 bytes hold no graph');
    expect(() => importOnnx(new TextEncoder().encode('<html>not found</html>'))).toThrow(
      /importOnnx: .*(no ONNX|damaged)/,
    );
    expect(() => importOnnx(bytes.subarray(0, bytes.length / 2))).toThrow('are no ONNX model, or one that was cut off');
  });

  test('a Constant whose value is no tensor is a FormatError', () => {
    const damaged = bytes.slice();
    damaged[3458] = 74;
    expect(() => importOnnx(damaged)).toThrow(FormatError);
  });

  test('damaged files give a FormatError or a module', () => {
    fc.assert(
      fc.property(mutated(bytes), (damaged) => {
        expectOnlyFormatErrors(() => expect(importOnnx(damaged)).toBeInstanceOf(Module));
      }),
      { numRuns: 500 },
    );
  });
});
