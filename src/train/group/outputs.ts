import { Targets } from '../../base/targets.js';
import { Tensor } from '../../tensor/tensor.js';

/** The logits and targets of a batch. */
export interface Output {
  shape: readonly number[];
  logits: Float32Array;
  targets: Targets;
}

/** The targets in memory of their own. */
export function copyOf(targets: Targets): Targets {
  return targets.with(targets.values.slice());
}

/**
 * Some outputs as one message. Per output: rank of the shape, the shape, the number of target values, how many an image has where they are
 * multi-hot (0 for class indices); then the logits and the target values.
 */
export function writeOutputs(outputs: readonly Output[]): Uint8Array {
  const parts: (Int32Array | Float32Array)[] = [Int32Array.of(outputs.length)];
  for (const { shape, logits, targets } of outputs) {
    const { kind, perImage, values } = targets;
    parts.push(
      Int32Array.of(shape.length, ...shape, values.length, kind === 'multiHot' ? perImage : 0),
      logits,
      values,
    );
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
    const [count, perImage] = ints(2);
    const logits = new Float32Array(
      buffer,
      at,
      shape.reduce((product, n) => product * n, 1),
    );
    at += logits.byteLength;
    const values = ints(count);
    return { shape, logits, targets: perImage > 0 ? Targets.multiHot(values, perImage) : Targets.classIndices(values) };
  });
}

/** Calls `use` with the logits as a tensor, for those that expect one. */
export function outputTensor({ shape, logits }: Output): Tensor {
  const tensor = Tensor.empty('output', shape);
  tensor.data.set(logits);
  return tensor;
}
