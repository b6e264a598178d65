import { describe, expect, test } from 'vitest';
import * as data from '../src/data/index.js';
import * as transforms from '../src/data/transforms/index.js';
import * as debug from '../src/debug/index.js';
import * as graph from '../src/graph/index.js';
import type {
  Batch,
  Callback,
  CheckpointOptions,
  Conv2dOptions,
  CreateModelOptions,
  DataLoaderOptions,
  Dataset,
  EpochRecord,
  EvaluateOptions,
  Evaluation,
  FitOptions,
  GradcheckResult,
  KernelInfo,
  LabeledBatch,
  MemoryInfo,
  ModelOptions,
  NdArray,
  NestedNumbers,
  OptimizerState,
  Padding,
  Pair,
  ParameterGroup,
  PickleValue,
  Schedule,
  Shape,
  StateDict,
  StateEntry,
  StepRecord,
  StridedArray,
  TrainEvent,
  Transform,
} from '../src/index.js';
import * as stridenet from '../src/index.js';
import * as io from '../src/io/index.js';
import * as metrics from '../src/metrics/index.js';
import * as models from '../src/models/index.js';
import * as node from '../src/node/index.js';
import * as onnx from '../src/onnx/index.js';
import * as optim from '../src/optim/index.js';
import * as tensor from '../src/tensor/index.js';
import * as train from '../src/train/index.js';

/** The type names that programs use; `npm run typecheck` fails when one is gone. */
type PublicTypes = [
  [Batch, Callback, CheckpointOptions, Conv2dOptions, CreateModelOptions, Dataset, DataLoaderOptions, EpochRecord],
  [EvaluateOptions, Evaluation, FitOptions, GradcheckResult, KernelInfo, LabeledBatch, MemoryInfo, ModelOptions],
  [NdArray<Float32Array>, NestedNumbers, OptimizerState, Padding, Pair, ParameterGroup, PickleValue, Schedule, Shape],
  [StateDict, StateEntry, StepRecord, StridedArray, TrainEvent, Transform],
];

/** Names of the main entry that programs are written against: none of them may go. */
const contract = {
  engine: 'useKernels kernelInfo memoryInfo manualSeed',
  errors: `StridenetError ArgumentError DataError DisposedError FormatError NonFiniteError OutOfMemoryError ShapeError
    StateDictError`,
  tensors: 'Tensor Parameter Tape withTape scope withoutTape keep',
  sizes: 'conv2dOutputSize',
  operations: `conv2d convTranspose2d maxPool2d avgPool2d adaptiveAvgPool2d adaptiveMaxPool2d globalAvgPool2d globalMaxPool2d
    linear matmul batchNorm2d groupNorm layerNorm localResponseNorm dropout dropout2d relu relu6 leakyRelu elu gelu silu
    hardSwish hardSigmoid sigmoid tanh softmax logSoftmax add sub mul div pow exp log sqrt abs neg square sum mean max min
    argmax reshape flatten transpose permute squeeze unsqueeze slice split pad concat stack upsample2d randn uniform`,
  losses: 'crossEntropy binaryCrossEntropyWithLogits meanSquaredError huberLoss',
  layers: `Module Sequential buffer init Conv2d ConvTranspose2d Linear BatchNorm2d GroupNorm LayerNorm LocalResponseNorm MaxPool2d
    AvgPool2d AdaptiveAvgPool2d AdaptiveMaxPool2d GlobalAvgPool2d GlobalMaxPool2d Dropout Dropout2d ReLU ReLU6 LeakyReLU ELU
    GELU SiLU HardSwish HardSigmoid Sigmoid Tanh Softmax LogSoftmax Flatten Identity Upsample ZeroPad2d ReflectionPad2d
    ReplicationPad2d`,
  models: 'createModel',
  optimizers: 'Optimizer SGD Adam AdamW RMSprop clipGradNorm',
  schedules: `cosineSchedule oneCycleSchedule
     warmup ReduceOnPlateau`,
  data: `DataLoader ImageDataset subset splitDataset synthetic measureMeanStd`,
  training: 'fit evaluate History earlyStopping bestWeights',
  files: 'readSafetensors writeSafetensors readTorchCheckpoint',
  debug: 'summary',
};

/** The same for the entries of the parts. */
const parts: Record<string, [entry: object, names: string]> = {
  tensor: [
    tensor,
    'view l1Loss convTranspose2dOutputSize multiclassHinge pool2dOutputSize randomState record restoreRandomState',
  ],
  models: [models, 'CifarNet CifarResnet VggSmall listModels models'],
  optim: [
    optim,
    'Adadelta Adagrad clipGradValue constantSchedule exponentialSchedule multistepSchedule polynomialSchedule stepSchedule',
  ],
  data: [data, 'CIFAR10_CLASSES chwToHwc hwcToChw parseCifar10 parseCifar100 parseIdx parseMnist'],
  transforms: [transforms, 'compose normalize randomCrop randomHorizontalFlip'],
  metrics: [metrics, 'ConfusionMatrix topKAccuracy'],
  train: [train, 'TrainingRun trainingEvents clipGradients averageWeights slowWeights'],
  io: [io, 'TorchTensor stateDictFromCheckpoint'],
  graph: [graph, 'capture Graph'],
  debug: [debug, 'firstNonFinite gradcheck trace'],
};

const nodeContract = 'cifar10 cifar100 mnist fashionMnist download loadWeights saveWeights readBytes writeFileAtomic';

/** Members that the contract names. */
const members: [string, object, string][] = [
  ['Tensor', stridenet.Tensor, 'from fromNdarray zeros ones full empty'],
  ['a tensor', stridenet.Tensor.prototype, 'data item toArray toNdarray dispose'],
  ['a parameter', stridenet.Parameter.prototype, 'grad zeroGrad'],
  ['a tape', stridenet.Tape.prototype, 'backward gradient close'],
  [
    'a module',
    stridenet.Module.prototype,
    'train eval parameters namedParameters stateDict loadStateDict predict requiresGrad toString',
  ],
  ['an optimizer', stridenet.Optimizer.prototype, 'step learningRate stateDict loadStateDict zeroGrad'],
  ['a history', stridenet.History.prototype, 'best toJSON'],
];

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

describe('the contract of names', () => {
  test.each(Object.entries(contract))('%s are exported', (_, names) => {
    expect(words(names).filter((name) => !(name in stridenet))).toEqual([]);
  });

  test.each(Object.entries(parts))('stridenet/%s exports its own', (_, [entry, names]) => {
    expect(words(names).filter((name) => !(name in entry))).toEqual([]);
  });

  test('stridenet/node exports files and data sets on disk', () => {
    expect(words(nodeContract).filter((name) => !(name in node))).toEqual([]);
  });

  test('stridenet/onnx exports files in and out', () => {
    expect(words('exportOnnx exportOnnxExternal importOnnx').filter((name) => !(name in onnx))).toEqual([]);
  });

  test.each(members)('%s has its members', (_, owner, names) => {
    expect(words(names).filter((name) => !(name in owner))).toEqual([]);
  });

  test('a tape can be closed by `using`', () => {
    const dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
    expect(dispose in stridenet.Tape.prototype).toBe(true);
  });

  test('types are exported', () => {
    const used: PublicTypes[] = [];
    expect(used).toEqual([]);
  });

  test('what is internal stays so', () => {
    const internal = words(
      'crc32 heap workspace kernels setKernels checkWhole pair Scope Storage readPickle inFloat64',
    );
    expect(internal.filter((name) => name in stridenet)).toEqual([]);
  });
});
