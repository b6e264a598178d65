// The public names of stridenet/edge: models for phones, pages and boards.

export { type DistillationLossOptions, distillationLoss } from './distill/distillationLoss.js';
export { applyPlan } from './prune/applyPlan.js';
export type { Criterion } from './prune/criterion.js';
export type { PrunePlan, PruneStep } from './prune/plan.js';
export { type PruneOptions, prune } from './prune/prune.js';
export { type LayerRow, PruneResult } from './prune/report.js';
