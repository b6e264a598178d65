import { Tensor } from '../../tensor/tensor.js';

/** The logits and labels of some batches, as one message. */
export interface Output {
  shape: readonly number[];
  logits: Float32Array;
  labels: Int32Array;
}

/** Per output: rank of the shape, the shape, the number of labels; then the logits and the labels. */
export function writeOutputs(outputs: readonly Output[]): Uint8Array {
  const parts: (Int32Array | Float32Array)[] = [Int32Array.of(outputs.length)];
  for (const { shape, logits, labels } of outputs) {
    parts.push(Int32Array.of(shape.length, ...shape, labels.length), logits, labels);
  }
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

export function readOutputs(bytes: Uint8Array): Output[] {
  const { buffer } = bytes.slice();
  let at = 0;
  const ints = (length: number): Int32Array => {
    const values = new Int32Array(buffer, at, length);
    at += values.byteLength;
    return values;
  };
  const [count] = ints(1);
  return Array.from({ length: count }, () => {
    const [rank] = ints(1);
    const shape = [...ints(rank)];
    const [labelCount] = ints(1);
    const logits = new Float32Array(
      buffer,
      at,
      shape.reduce((product, n) => product * n, 1),
    );
    at += logits.byteLength;
    return { shape, logits, labels: ints(labelCount) };
  });
}

/** Calls `use` with the logits as a tensor, for those that expect one. */
export function outputTensor({ shape, logits }: Output): Tensor {
  const tensor = Tensor.empty('output', shape);
  tensor.data.set(logits);
  return tensor;
}
