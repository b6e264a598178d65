import { FormatError, StridenetError } from '../base/errors.js';
import { Tensor } from '../tensor/tensor.js';
import type { RunNode } from './importNode.js';
import { isWhole, markWhole, type Value } from './values.js';

/** A node that is ready to run. */
export interface Step {
  /** What the node is called in errors. */
  title: string;
  opType: string;
  run: RunNode;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Names that no later step reads. */
  spent: readonly string[];
}

/** What makes whole numbers of whole numbers. */
const keepsWhole = new Set(
  'Identity Reshape Flatten Squeeze Unsqueeze Transpose Slice Split Gather GatherElements Concat Expand Tile Pad Add Sub Mul Div Mod Min Max Sum Abs Neg Sign Where ReduceSum ReduceMax ReduceMin ReduceProd CumSum Clip MaxPool Relu'.split(
    ' ',
  ),
);

/** Runs a node. What goes wrong outside this library's own checks does so because the file is damaged. */
export function runStep(step: Step, inputs: readonly (Value | null)[], training: boolean): Value | Value[] {
  const { title, opType, run } = step;
  try {
    const result = run(inputs, training);
    if (
      keepsWhole.has(opType) &&
      inputs.every((value, i) => (opType === 'Where' && i === 0) || !value || isWhole(value))
    ) {
      for (const value of Array.isArray(result) ? result : [result]) if (value instanceof Tensor) markWhole(value);
    }
    return result;
  } catch (error) {
    if (error instanceof StridenetError) throw error;
    throw new FormatError(
      `importOnnx: node ${title} does not fit what it is given (${(error as Error).message}). The file is damaged.`,
    );
  }
}
