// The public names of stridenet/edge: models for phones, pages and boards.

export { type DistillationLossOptions, distillationLoss } from './distill/distillationLoss.js';
export { applyPlan } from './prune/applyPlan.js';
export type { Criterion } from './prune/criterion.js';
export type { PrunePlan, PruneStep } from './prune/plan.js';
export { type PruneOptions, prune } from './prune/prune.js';
export { type LayerRow, PruneResult } from './prune/report.js';
export type { RangeMethod } from './quantize/calibrate/ranges.js';
export type { ImageBatches } from './quantize/images.js';
export type { IntegerNetwork, IntegerNode, IntegerValue, Quantization } from './quantize/integers/integerNetwork.js';
export type { QuantizeOptions } from './quantize/options.js';
export { quantize } from './quantize/quantize.js';
export { QuantizedModel } from './quantize/quantizedModel.js';
export { type BeforeAfter, type LayerError, QuantizationReport, type ReportNumbers } from './quantize/report/report.js';
