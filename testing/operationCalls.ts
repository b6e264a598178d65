import * as S from './library.js';

type Call = (...args: never[]) => unknown;

/** An operation or a maker of tensors, and arguments that it takes. */
export interface OperationCall {
  name: string;
  run: Call;
  args: () => readonly unknown[];
}

const { Tensor, Parameter } = S;
const byName: Readonly<Record<string, unknown>> = { ...S };
const image = (): S.Tensor => Tensor.full([1, 2, 4, 4], 0.5);
const matrix = (): S.Tensor => Tensor.full([2, 4], 0.5);
const call = (name: string, run: unknown, args: () => readonly unknown[]): OperationCall => {
  return { name, run: run as Call, args };
};

const unary = ['abs', 'exp', 'log', 'neg', 'sqrt', 'sigmoid', 'silu', 'tanh', 'relu', 'relu6'] as const;
const binary = ['add', 'sub', 'mul', 'div', 'pow', 'addRelu'] as const;

/** Every operation and every way to make a tensor, each with sound arguments. */
export const operationCalls: readonly OperationCall[] = [
  call('Tensor.zeros', Tensor.zeros, () => [[2, 3]]),
  call('Tensor.ones', Tensor.ones, () => [[2, 3]]),
  call('Tensor.full', Tensor.full, () => [[2, 3], 1]),
  call('Tensor.from', Tensor.from, () => [
    [1, 2, 3, 4],
    [2, 2],
  ]),
  call('Tensor.fromNdarray', Tensor.fromNdarray, () => [
    { data: [1, 2, 3, 4], shape: [2, 2], stride: [2, 1], offset: 0 },
  ]),
  call(
    'Parameter',
    (...args: [S.NestedNumbers, number[]]) => new Parameter(...args),
    () => [
      [1, 2, 3, 4],
      [2, 2],
    ],
  ),
  call('Parameter.zeros', Parameter.zeros, () => [[2, 3]]),
  call('randn', S.randn, () => [[2, 3]]),
  call('uniform', S.uniform, () => [[2, 3], 0, 1]),
  ...unary.map((name) => call(name, byName[name], () => [matrix()])),
  ...(['square', 'hardSigmoid', 'hardSwish'] as const).map((name) => call(name, byName[name], () => [matrix()])),
  call('elu', S.elu, () => [matrix(), 1]),
  call('leakyRelu', S.leakyRelu, () => [matrix(), 0.1]),
  call('gelu', S.gelu, () => [matrix(), { approximate: 'tanh' }]),
  ...binary.map((name) => call(name, byName[name], () => [matrix(), matrix()])),
  call('softmax', S.softmax, () => [matrix(), 1]),
  call('logSoftmax', S.logSoftmax, () => [matrix(), 1]),
  call('argmax', S.argmax, () => [matrix(), 1]),
  call('sum', S.sum, () => [matrix(), [1], { keepDims: true }]),
  call('mean', S.mean, () => [matrix(), 1, { keepDims: true }]),
  call('max', S.max, () => [matrix(), [1], { keepDims: true }]),
  call('min', S.min, () => [matrix(), 1, { keepDims: true }]),
  call('matmul', S.matmul, () => [matrix(), Tensor.ones([4, 3])]),
  call('linear', S.linear, () => [matrix(), Tensor.ones([3, 4]), Tensor.ones([3])]),
  call('reshape', S.reshape, () => [matrix(), [4, 2]]),
  call('flatten', S.flatten, () => [image(), 1]),
  call('squeeze', S.squeeze, () => [image(), [0]]),
  call('unsqueeze', S.unsqueeze, () => [image(), 0]),
  call('permute', S.permute, () => [image(), [0, 2, 3, 1]]),
  call('transpose', S.transpose, () => [matrix(), 0, 1]),
  call('slice', S.slice, () => [matrix(), 1, 0, 2]),
  call('split', S.split, () => [matrix(), [1, 3], 1]),
  call('split into equal parts', S.split, () => [matrix(), 2, 1]),
  call('concat', S.concat, () => [[matrix(), matrix()], 0]),
  call('stack', S.stack, () => [[matrix(), matrix()], 0]),
  call('pad', S.pad, () => [image(), [1, 2, 1, 2], { mode: 'zero', value: 1 }]),
  call('pad alike', S.pad, () => [image(), 1, { mode: 'replicate' }]),
  call('upsample2d to a size', S.upsample2d, () => [image(), { size: [8, 8], mode: 'bilinear' }]),
  call('upsample2d by a factor', S.upsample2d, () => [image(), { scale: [2, 2] }]),
  call('conv2d', S.conv2d, () => [
    image(),
    Tensor.ones([2, 2, 3, 3]),
    Tensor.ones([2]),
    { stride: [1, 1], padding: [1, 1, 1, 1], dilation: 1, groups: 1 },
  ]),
  call('conv2d, depthwise', S.conv2d, () => [
    image(),
    Tensor.ones([2, 1, 1, 1]),
    null,
    { stride: 1, padding: 'same', dilation: 2, groups: 2 },
  ]),
  call('convTranspose2d', S.convTranspose2d, () => [
    image(),
    Tensor.ones([2, 2, 2, 2]),
    Tensor.ones([2]),
    { stride: [2, 2], padding: [1, 0], outputPadding: 1, dilation: 2, groups: 1 },
  ]),
  call('maxPool2d', S.maxPool2d, () => [image(), { kernelSize: [2, 2], stride: 2, padding: 1, ceilMode: true }]),
  call('avgPool2d', S.avgPool2d, () => [
    image(),
    { kernelSize: 2, stride: [2, 2], padding: 1, countIncludePad: false },
  ]),
  call('adaptiveAvgPool2d', S.adaptiveAvgPool2d, () => [image(), [2, 2]]),
  call('adaptiveMaxPool2d', S.adaptiveMaxPool2d, () => [image(), 2]),
  call('globalAvgPool2d', S.globalAvgPool2d, () => [image()]),
  call('globalMaxPool2d', S.globalMaxPool2d, () => [image()]),
  call('batchNorm2d', S.batchNorm2d, () => [
    image(),
    {
      weight: Tensor.ones([2]),
      bias: Tensor.ones([2]),
      runningMean: Tensor.zeros([2]),
      runningVar: Tensor.ones([2]),
      training: false,
    },
  ]),
  call('batchNormRelu2d', S.batchNormRelu2d, () => [image(), { training: true, momentum: 0.1, eps: 1e-5 }]),
  call('groupNorm', S.groupNorm, () => [image(), 2, { weight: Tensor.ones([2]), bias: Tensor.ones([2]) }]),
  call('layerNorm', S.layerNorm, () => [image(), [4, 4], { weight: Tensor.ones([4, 4]), bias: null }]),
  call('localResponseNorm', S.localResponseNorm, () => [image(), { size: 3, alpha: 1e-4, beta: 0.75, k: 1 }]),
  call('dropout', S.dropout, () => [matrix(), { p: 0.5, training: true }]),
  call('dropout2d', S.dropout2d, () => [image(), { p: 0.5, training: true }]),
  call('stochasticDepth', S.stochasticDepth, () => [image(), { p: 0.5, training: true }]),
  call('crossEntropy', S.crossEntropy, () => [matrix(), [0, 3], { labelSmoothing: 0.1, weight: Tensor.ones([4]) }]),
  call('crossEntropy of soft targets', S.crossEntropy, () => [matrix(), matrix(), { reduction: 'sum' }]),
  call('binaryCrossEntropyWithLogits', S.binaryCrossEntropyWithLogits, () => [
    matrix(),
    matrix(),
    { positiveWeight: Tensor.ones([4]) },
  ]),
  call('meanSquaredError', S.meanSquaredError, () => [matrix(), matrix(), { reduction: 'none' }]),
  call('l1Loss', S.l1Loss, () => [matrix(), matrix(), {}]),
  call('huberLoss', S.huberLoss, () => [matrix(), matrix(), { delta: 1 }]),
  call('marginLoss', S.marginLoss, () => [matrix(), [0, 3], { present: 0.9 }]),
  call('multiclassHinge', S.multiclassHinge, () => [matrix(), [0, 3], { margin: 1, power: 2 }]),
  call('conv2dOutputSize', S.conv2dOutputSize, () => [8, 3, { stride: 1, padding: 1, dilation: 1 }]),
  call('pool2dOutputSize', S.pool2dOutputSize, () => [8, 2, { stride: 2, padding: 1, ceilMode: true }]),
  call('convTranspose2dOutputSize', S.convTranspose2dOutputSize, () => [
    8,
    2,
    { stride: 2, padding: 0, outputPadding: 1, dilation: 1 },
  ]),
  call('keep', S.keep, () => [matrix()]),
  call(
    'gradient',
    (...args: [S.Tensor, S.Tensor[]]) => S.withTape((tape) => gradientOf(tape, args)),
    () => {
      return [matrix(), [matrix()]];
    },
  ),
  call(
    'backward',
    (loss: unknown) => S.withTape((tape) => tape.backward(lossOf(loss))),
    () => [new Parameter(1)],
  ),
];

function lossOf(x: unknown): S.Tensor {
  return x instanceof Tensor && !x.disposed ? S.sum(x) : (x as S.Tensor);
}

function gradientOf(tape: S.Tape, [y, xs]: [S.Tensor, S.Tensor[]]): unknown {
  return tape.gradient(y instanceof Tensor ? S.neg(y) : y, xs);
}

/** The layers that take sizes, each with sound arguments; what comes out runs on an image. */
export const layerCalls: readonly OperationCall[] = [
  call(
    'Linear',
    (i: number, o: number) => once(new S.Linear(i, o), matrix()),
    () => [4, 3],
  ),
  call(
    'Conv2d',
    (...args: ConstructorParameters<typeof S.Conv2d>) => once(new S.Conv2d(...args), image()),
    () => [2, 4, [3, 3], { stride: 1, padding: 1, dilation: 1, groups: 1 }],
  ),
  call(
    'ConvTranspose2d',
    (...args: ConstructorParameters<typeof S.ConvTranspose2d>) => once(new S.ConvTranspose2d(...args), image()),
    () => [2, 4, [2, 2], { stride: 2, padding: 1, outputPadding: 1, dilation: 1, groups: 1 }],
  ),
  call(
    'BatchNorm2d',
    (n: number) => once(new S.BatchNorm2d(n), image()),
    () => [2],
  ),
  call(
    'GroupNorm',
    (g: number, c: number) => once(new S.GroupNorm(g, c), image()),
    () => [1, 2],
  ),
  call(
    'LayerNorm',
    (shape: number[]) => once(new S.LayerNorm(shape), image()),
    () => [[4, 4]],
  ),
  call(
    'LocalResponseNorm',
    (n: number) => once(new S.LocalResponseNorm(n), image()),
    () => [3],
  ),
  call(
    'MaxPool2d',
    (...args: [number, object]) => once(new S.MaxPool2d(...args), image()),
    () => [2, { stride: 2 }],
  ),
  call(
    'AvgPool2d',
    (...args: [number, object]) => once(new S.AvgPool2d(...args), image()),
    () => [2, { padding: 1 }],
  ),
  call(
    'AdaptiveAvgPool2d',
    (n: number) => once(new S.AdaptiveAvgPool2d(n), image()),
    () => [2],
  ),
  call(
    'AdaptiveMaxPool2d',
    (n: number) => once(new S.AdaptiveMaxPool2d(n), image()),
    () => [[2, 2]],
  ),
  call(
    'Upsample',
    (options: S.Upsample2dOptions) => once(new S.Upsample(options), image()),
    () => [{ scale: 2 }],
  ),
  call(
    'ZeroPad2d',
    (n: number) => once(new S.ZeroPad2d(n), image()),
    () => [2],
  ),
  call(
    'ReflectionPad2d',
    (n: number) => once(new S.ReflectionPad2d(n), image()),
    () => [2],
  ),
  call(
    'ReplicationPad2d',
    (n: number) => once(new S.ReplicationPad2d(n), image()),
    () => [[2, 2]],
  ),
];

/** Parameters belong to no scope: their memory is given back at once, so that a thousand layers do not fill the heap. */
function once(layer: S.Module, x: S.Tensor): S.Tensor {
  try {
    return layer.forward(x);
  } finally {
    for (const [, tensor] of layer.namedTensors()) tensor.dispose();
  }
}
