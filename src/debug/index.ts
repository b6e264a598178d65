// The public names of stridenet/debug: looking inside models, gradients and kernels.

export { dryRun } from './dryRun.js';
export { embeddings, features } from './features.js';
export { type GradcheckInput, type GradcheckResult, gradcheck } from './gradcheck.js';
export { type GraphOptions, graph } from './graph.js';
export { measureKernels, traceKernels, validateKernels } from './instruments.js';
export { firstNonFinite } from './nonFinite.js';
export { type Summary, type SummaryOptions, type SummaryRow, summary } from './summary.js';
export { type OnEnter, type OnModule, trace } from './trace.js';
