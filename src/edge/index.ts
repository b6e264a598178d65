// The public names of stridenet/edge: models for phones, pages and boards.

export {
  type BudgetRow,
  BudgetTable,
  type FitBudgetOptions,
  fitBudget,
} from './budget/fitBudget.js';
export { packWeights, unpackWeights } from './compress/packWeights.js';
export { SharedWeights, type ShareWeightsOptions, shareWeights } from './compress/shareWeights.js';
export { type PruneWeightsOptions, pruneWeights, WeightMasks } from './compress/weightMasks.js';
export { type DistillOptions, distill } from './distill/distill.js';
export { type DistillationLossOptions, distillationLoss } from './distill/distillationLoss.js';
export { applyPlan } from './prune/applyPlan.js';
export { batchNormSparsity } from './prune/batchNormSparsity.js';
export {
  type CompareWithScratchOptions,
  compareWithScratch,
  reinitialize,
  ScratchComparison,
} from './prune/compareWithScratch.js';
export type { Criterion } from './prune/criterion.js';
export type { PrunePlan, PruneStep } from './prune/plan.js';
export type { PruneOptions } from './prune/preparePruning.js';
export { prune } from './prune/prune.js';
export { type PruneBlocksOptions, pruneBlocks } from './prune/pruneBlocks.js';
export {
  IterativeResult,
  type PruneIteration,
  type PruneIterativelyOptions,
  pruneIteratively,
} from './prune/pruneIteratively.js';
export { type LayerRow, PruneResult } from './prune/report.js';
export type { Score } from './prune/score.js';
export {
  type SensitivityRow,
  SensitivityScan,
  type SensitivityScanOptions,
  sensitivityScan,
} from './prune/sensitivityScan.js';
export {
  type QuantizationAware,
  type QuantizationAwareOptions,
  quantizationAware,
} from './quantize/aware/quantizationAware.js';
export type { RangeMethod } from './quantize/calibrate/ranges.js';
export type { ImageBatches } from './quantize/images.js';
export type { IntegerNetwork, IntegerNode, IntegerValue, Quantization } from './quantize/integers/integerNetwork.js';
export { exportQuantizedOnnx } from './quantize/onnx/exportQuantizedOnnx.js';
export { type ImportQuantizedOnnxOptions, importQuantizedOnnx } from './quantize/onnx/importQuantizedOnnx.js';
export type { QuantizeOptions } from './quantize/options.js';
export { quantize } from './quantize/quantize.js';
export { QuantizedModel, type SaveQuantizedOptions } from './quantize/quantizedModel.js';
export { type BeforeAfter, type LayerError, QuantizationReport, type ReportNumbers } from './quantize/report/report.js';
export { simulateQuantized } from './quantize/simulate/simulateQuantized.js';
export { type SimulationError, simulationError } from './quantize/simulate/simulationError.js';
