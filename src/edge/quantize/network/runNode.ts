import type { Shape } from '../../../base/shape.js';
import type { GraphNode, KernelArgument } from '../../../graph/node.js';
import { workspace } from '../../../memory/memory.js';
import { reshape } from '../../../tensor/ops/shape/reshape.js';
import { Tensor } from '../../../tensor/tensor.js';

/** Runs the kernels of a captured operation: reads its inputs from `tensors`, and adds its outputs. */
export function runNode(node: GraphNode, tensors: Map<number, Tensor>, shapeOf: (value: number) => Shape): void {
  const tensorOf = (value: number): Tensor => tensors.get(value) as Tensor;
  if (node.isView) {
    const [output = -1] = node.outputs;
    tensors.set(output, reshape(tensorOf(node.inputs[0] as number), shapeOf(output)));
    return;
  }
  for (const value of node.outputs) tensors.set(value, Tensor.empty(node.op, shapeOf(value)));
  for (const call of node.kernels) {
    if (!('args' in call)) {
      const floats = (ids: readonly number[]): Float32Array[] => ids.map((id) => tensorOf(id).floats);
      call.host(floats(call.outputs), floats(call.inputs));
      continue;
    }
    const needed = call.args.map((arg) => ('workspace' in arg ? arg.workspace : -1));
    const scratch = needed.some((length) => length >= 0) ? workspace(Math.max(...needed, 0), node.op) : null;
    const given = (arg: KernelArgument): unknown => {
      if ('value' in arg) return tensorOf(arg.value).floats;
      return 'workspace' in arg ? scratch?.subarray(0, arg.workspace) : arg.literal;
    };
    (call.kernel as (...args: unknown[]) => unknown)(...call.args.map(given));
  }
}
