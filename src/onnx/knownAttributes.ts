import type { ImportNode } from './importNode.js';

/** What may stand on nodes of an operator: a table of words, checked, so that none that changes the result is passed over. */
const attributes: Readonly<Record<string, string>> = {
  ...same('Add Sub Mul Div Pow And Or Xor Equal Greater Less', 'axis broadcast'),
  ...same('ArgMax ArgMin', 'axis keepdims select_last_index'),
  AveragePool: 'auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides',
  BatchNormalization: 'epsilon momentum spatial is_test training_mode',
  Cast: 'to saturate round_mode',
  CastLike: 'saturate round_mode',
  ...same('Celu Elu LeakyRelu ThresholdedRelu Swish', 'alpha'),
  Clip: 'min max',
  Concat: 'axis',
  Constant: 'value value_int value_float value_ints value_floats',
  ConstantOfShape: 'value',
  ...same('Conv ConvInteger QLinearConv', 'auto_pad dilations group kernel_shape pads strides'),
  ConvTranspose: 'auto_pad dilations group kernel_shape output_padding output_shape pads strides',
  CumSum: 'exclusive reverse',
  DepthToSpace: 'blocksize mode',
  DequantizeLinear: 'axis block_size output_dtype',
  Dropout: 'ratio seed is_test',
  EyeLike: 'dtype k',
  ...same('Flatten Gather GatherElements LogSoftmax Softmax', 'axis'),
  Gelu: 'approximate',
  Gemm: 'alpha beta transA transB broadcast',
  GlobalLpPool: 'p',
  GroupNormalization: 'epsilon num_groups stash_type',
  HardSigmoid: 'alpha beta',
  InstanceNormalization: 'epsilon',
  IsInf: 'detect_negative detect_positive',
  LRN: 'alpha beta bias size',
  ...same('LayerNormalization RMSNormalization', 'axis epsilon stash_type'),
  LpNormalization: 'axis p',
  LpPool: 'auto_pad ceil_mode dilations kernel_shape p pads strides',
  MaxPool: 'auto_pad ceil_mode dilations kernel_shape pads storage_order strides',
  MeanVarianceNormalization: 'axes',
  Mod: 'fmod',
  Pad: 'mode pads paddings value',
  QuantizeLinear: 'axis block_size output_dtype precision saturate',
  ...same(
    'ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp',
    'axes keepdims noop_with_empty_axes',
  ),
  Reshape: 'allowzero shape',
  Resize:
    'antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside extrapolation_value keep_aspect_ratio_policy mode nearest_mode',
  Selu: 'alpha gamma',
  Shape: 'start end',
  Shrink: 'bias lambd',
  Slice: 'axes ends starts',
  SpaceToDepth: 'blocksize',
  Split: 'axis num_outputs split',
  ...same('Squeeze Unsqueeze', 'axes'),
  TopK: 'axis k largest sorted',
  Transpose: 'perm',
  Trilu: 'upper',
  Upsample: 'height_scale mode scales width_scale',
};

/** Written by versions 1 to 5 for their own sake. */
const meaningless = ['consumed_inputs'];

/** Throws for an attribute that nothing reads: the result would be another one. */
export function expectKnownAttributes(node: ImportNode): void {
  const known = (attributes[node.proto.opType] ?? '').split(' ');
  for (const name of node.proto.attributes.keys()) {
    node.check(known.includes(name) || meaningless.includes(name), `has attribute '${name}', which is not read`);
  }
}

function same(operators: string, words: string): Record<string, string> {
  return Object.fromEntries(operators.split(' ').map((name) => [name, words]));
}
