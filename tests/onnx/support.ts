import * as ort from 'onnxruntime-node';
import { expect } from 'vitest';
import { Tensor } from '../../src/tensor/tensor.js';
import { formula } from '../golden/formula.js';

/** What onnxruntime computes for a file, or its path, with one input and one output. */
export async function runOnnx(
  file: Uint8Array | string,
  x: Tensor,
  more: ort.InferenceSession.SessionOptions = {},
): Promise<Tensor> {
  const options: ort.InferenceSession.SessionOptions = { intraOpNumThreads: 1, logSeverityLevel: 3, ...more };
  const { create } = ort.InferenceSession;
  const session = await (typeof file === 'string' ? create(file, options) : create(file, options));
  const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', Float32Array.from(x.data), x.shape) };
  const y = (await session.run(feeds))[session.outputNames[0]];
  return Tensor.from(y.data as Float32Array, y.dims);
}

/** Images of numbers from -1 to 1. */
export function images(shape: readonly number[]): Tensor {
  return Tensor.from(formula([...shape], 7, -1, 1), shape);
}

/** Equal shapes, and values within 1e-4 of the largest. */
export function expectClose(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const largest = expected.data.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6);
  const worst = expected.data.reduce((m, v, i) => Math.max(m, Math.abs(v - actual.data[i])), 0);
  expect(worst).toBeLessThan(1e-4 * largest);
}
