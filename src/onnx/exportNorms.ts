import { ArgumentError } from '../base/errors.js';
import type { Affine } from '../tensor/ops/math/affine.js';
import type { Tensor } from '../tensor/tensor.js';
import type { ExportOp } from './exportElementwise.js';
import type { GraphBuilder } from './graphBuilder.js';
import type { TracedOp } from './trace.js';

/** Normalizations; each node keeps its own scale, shift and statistics. */
export const norms: Record<string, ExportOp> = { batchNorm2d, batchNormRelu2d: batchNorm2d, groupNorm, layerNorm };

function batchNorm2d(b: GraphBuilder, { op, inputs: [x], attributes }: TracedOp): string {
  const { weight, bias, eps, mean, variance, relu } = attributes as Affine & {
    mean?: Tensor | undefined;
    variance: Tensor;
    relu: boolean;
  };
  if (mean === undefined) {
    throw new ArgumentError(`exportOnnx: ${op} ran with training: true. Files hold what runs in evaluation mode.`);
  }
  const channels = x.shape[1];
  const y = b.add('BatchNormalization', [x, ...scaleAndShift(b, weight, bias, channels), mean, variance], {
    epsilon: { float: eps },
  });
  return relu ? b.add('Relu', [y]) : y;
}

/** Each group as one channel of an instance normalization; then each channel's own scale and shift. */
function groupNorm(b: GraphBuilder, { inputs: [x], output, attributes }: TracedOp): string {
  const { weight, bias, eps, groups } = attributes as Affine & { groups: number };
  const rows = b.add('Reshape', [x, b.ints([0, groups, -1])]);
  const normal = b.add('InstanceNormalization', [rows, ...scaleAndShift(b, null, null, groups)], {
    epsilon: { float: eps },
  });
  let y = b.add('Reshape', [normal, b.reshapeTarget(output)]);
  const perChannel = b.ints([x.shape[1], ...x.shape.slice(2).map(() => 1)]);
  if (weight) y = b.add('Mul', [y, b.add('Reshape', [weight, perChannel])]);
  return bias ? b.add('Add', [y, b.add('Reshape', [bias, perChannel])]) : y;
}

/** LayerNormalization came with version 17; before it is written out. */
function layerNorm(b: GraphBuilder, { inputs: [x], attributes }: TracedOp): string {
  const { weight, bias, eps, normalizedShape } = attributes as Affine & { normalizedShape: number[] };
  const axes = normalizedShape.map((_, i) => x.shape.length - normalizedShape.length + i);
  if (b.opset >= 17) {
    const scale =
      weight ?? b.floats(new Float32Array(normalizedShape.reduce((n, m) => n * m, 1)).fill(1), normalizedShape);
    return b.add('LayerNormalization', bias ? [x, scale, bias] : [x, scale], {
      axis: axes[0],
      epsilon: { float: eps },
    });
  }
  const centered = b.add('Sub', [x, b.add('ReduceMean', [x], { axes })]);
  const variance = b.add('ReduceMean', [b.add('Mul', [centered, centered])], { axes });
  let y = b.add('Div', [centered, b.add('Sqrt', [b.add('Add', [variance, b.scalar(eps)])])]);
  if (weight) y = b.add('Mul', [y, weight]);
  return bias ? b.add('Add', [y, bias]) : y;
}

function scaleAndShift(b: GraphBuilder, weight: Tensor | null, bias: Tensor | null, n: number): (Tensor | string)[] {
  return [weight ?? b.floats(new Float32Array(n).fill(1)), bias ?? b.floats(new Float32Array(n))];
}
