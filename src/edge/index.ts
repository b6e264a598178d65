// The public names of stridenet/edge: models for phones, pages and boards.

export { type DistillationLossOptions, distillationLoss } from './distill/distillationLoss.js';
