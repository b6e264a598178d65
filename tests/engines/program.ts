import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Dropout,
  Flatten,
  GELU,
  kernelInfo,
  Linear,
  MaxPool2d,
  manualSeed,
  ReLU,
  Sequential,
  SGD,
  Tensor,
  useKernels,
  withTape,
} from '../../src/index.js';

/** What an engine computed: numbers as their bits, so that none is lost on the way. */
export interface Trained {
  kernels: ReturnType<typeof kernelInfo>;
  losses: number[];
  /** The gradients of the last step, one parameter after the other. */
  gradients: number[];
}

const BATCH = 8;

/** Trains a small net for five steps on the kernels that are in use. */
export function train(): Trained {
  manualSeed(1);
  const model = new Sequential(
    new Conv2d(3, 8, 3, { padding: 1 }),
    new BatchNorm2d(8),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(8, 8, 3, { padding: 1, groups: 8 }),
    new GELU(),
    new Conv2d(8, 12, 3, { padding: 1 }),
    new ReLU(),
    new Dropout(0.2),
    new AdaptiveAvgPool2d(1),
    new Flatten(),
    new Linear(12, 4),
  );
  const pixels = Float32Array.from({ length: BATCH * 3 * 16 * 16 }, (_, i) => ((i * 7919) % 256) / 128 - 1);
  const x = Tensor.from(pixels, [BATCH, 3, 16, 16]);
  const labels = Int32Array.from({ length: BATCH }, (_, i) => i % 4);
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9, weightDecay: 1e-3 });
  const losses: number[] = [];
  for (let step = 0; step < 5; step++) {
    withTape((tape) => {
      const loss = crossEntropy(model.forward(x), labels, { labelSmoothing: 0.1 });
      optimizer.zeroGrad();
      tape.backward(loss);
      losses.push(loss.item());
      optimizer.step();
    });
  }
  const gradients = [...model.parameters()].flatMap(({ grad }) => [...bits(grad!.data)]);
  return { kernels: kernelInfo(), losses: [...bits(losses)], gradients };
}

function bits(values: ArrayLike<number>): Int32Array {
  return new Int32Array(Float32Array.from(values).buffer);
}

/** How a run is compared with that of another engine. */
export interface Report {
  /** What is in use without a call of `useKernels`. */
  first: Trained;
  warnings: string[];
  /** Without fused multiply-adds: on one thread, and on two. */
  simd: Trained[];
  plain: Trained;
}

/** Trains on each kind of kernels. */
export async function report(): Promise<Report> {
  const warnings = collectWarnings();
  const first = train();
  const simd: Trained[] = [];
  for (const threads of [1, 2]) {
    await useKernels('simd', { threads, relaxedSimd: false });
    simd.push(train());
  }
  await useKernels('plain');
  return { first, warnings, simd, plain: train() };
}

/** A report of a host that does not let programs compile. */
export interface ForbiddenReport {
  first: Trained;
  warnings: string[];
  /** What `useKernels('simd')` throws. */
  refusal: string;
  /** On modules that were compiled beforehand: without fused multiply-adds, and with. */
  ready: Trained;
  relaxed: Trained;
}

/** Trains on what there is where nothing can be compiled, and on compiled modules. */
export async function reportForbidden(
  modules: { ready: WebAssembly.Module; relaxed: WebAssembly.Module },
  warnings = collectWarnings(),
): Promise<ForbiddenReport> {
  const first = train();
  train();
  const refusal = await useKernels('simd').then(() => 'nothing', String);
  await useKernels('simd', { module: modules.ready });
  const ready = train();
  await useKernels('simd', { module: modules.relaxed });
  return { first, warnings, refusal, ready, relaxed: train() };
}

/** What is warned of from now on. */
export function collectWarnings(): string[] {
  const warnings: string[] = [];
  console.warn = (message: unknown) => warnings.push(String(message));
  return warnings;
}

export { kernelInfo };
