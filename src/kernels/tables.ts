import type { ActivationKernels } from './contracts/activations.js';
import type { ArithmeticKernels } from './contracts/arithmetic.js';
import type { ConvolutionKernels } from './contracts/convolution.js';
import type { LossKernels } from './contracts/losses.js';
import type { MatrixKernels } from './contracts/matrix.js';
import type { MovementKernels } from './contracts/movement.js';
import type { NormalizationKernels } from './contracts/normalization.js';
import type { OptimizerKernels } from './contracts/optimizers.js';
import type { PoolingKernels } from './contracts/pooling.js';
import type { QuantizedKernels } from './contracts/quantized.js';
import { activationTables } from './families/activations.js';
import { arithmeticTables } from './families/arithmetic.js';
import { convolutionTables } from './families/convolution.js';
import { lossTables } from './families/losses.js';
import { matrixTables } from './families/matrix.js';
import { movementTables } from './families/movement.js';
import { normalizationTables } from './families/normalization.js';
import { optimizerTables } from './families/optimizers.js';
import { poolingTables } from './families/pooling.js';
import { quantizedTables } from './families/quantized.js';

/** Every kernel there is. The contracts say what each computes. */
export interface Kernels
  extends ActivationKernels,
    ArithmeticKernels,
    ConvolutionKernels,
    LossKernels,
    MatrixKernels,
    MovementKernels,
    NormalizationKernels,
    OptimizerKernels,
    PoolingKernels,
    QuantizedKernels {}

/** The definition: textbook loops, never optimized. */
export const reference: Kernels = {
  ...activationTables.reference,
  ...arithmeticTables.reference,
  ...convolutionTables.reference,
  ...lossTables.reference,
  ...matrixTables.reference,
  ...movementTables.reference,
  ...normalizationTables.reference,
  ...optimizerTables.reference,
  ...poolingTables.reference,
  ...quantizedTables.reference,
};

/** Loops tuned for V8. */
export const plain: Kernels = {
  ...activationTables.plain,
  ...arithmeticTables.plain,
  ...convolutionTables.plain,
  ...lossTables.plain,
  ...matrixTables.plain,
  ...movementTables.plain,
  ...normalizationTables.plain,
  ...optimizerTables.plain,
  ...poolingTables.plain,
  ...quantizedTables.plain,
};

/** WebAssembly SIMD, emitted by TypeScript at run time and split over all threads. */
export const simd: Kernels = {
  ...activationTables.simd,
  ...arithmeticTables.simd,
  ...convolutionTables.simd,
  ...lossTables.simd,
  ...matrixTables.simd,
  ...movementTables.simd,
  ...normalizationTables.simd,
  ...optimizerTables.simd,
  ...poolingTables.simd,
  ...quantizedTables.simd,
};
