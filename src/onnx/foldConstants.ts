import type { ImportNode } from './importNode.js';
import { runStep, type Step } from './step.js';
import { HostArray, isWhole } from './values.js';

/** What always gives the same numbers, and is worth having once: how weights are stored, rather than what is computed with them. */
const decoding = new Set(['DequantizeLinear', 'QuantizeLinear']);

/** Whether a node may be run once for all: all it reads is known, and whole numbers or the way that weights are stored. */
function folds({ proto }: ImportNode, constants: ReadonlyMap<string, HostArray>): boolean {
  const inputs = proto.inputs.filter((name) => name !== '').map((name) => constants.get(name));
  if (inputs.length === 0 || proto.outputs.length !== 1 || proto.opType === 'Dropout') return false;
  return inputs.every((array) => array !== undefined && (array.integer || decoding.has(proto.opType)));
}

/**
 * Runs the nodes whose inputs the file holds, so that quantized weights become weights, and shapes are computed once. Their values join
 * `constants`; the other nodes are returned. A node that fails is left to `predict`, which says why.
 */
export function foldConstants(
  nodes: readonly ImportNode[],
  stepOf: (node: ImportNode) => Step,
  constants: Map<string, HostArray>,
): ImportNode[] {
  return nodes.filter((node) => {
    if (!folds(node, constants)) return true;
    try {
      const value = runStep(
        stepOf(node),
        node.proto.inputs.map((name) => constants.get(name) ?? null),
        false,
      );
      if (Array.isArray(value)) return true;
      const array =
        value instanceof HostArray ? value : new HostArray(value.shape, Float32Array.from(value.data), isWhole(value));
      if (!(value instanceof HostArray)) value.dispose();
      constants.set(node.proto.outputs[0], array);
      return false;
    } catch {
      return true;
    }
  });
}
