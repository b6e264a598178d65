import type { Graph } from '../graph.js';
import { collapseViews } from './collapseViews.js';
import { prepareConvolutions } from './convolutions.js';
import { foldBatchNorm } from './foldBatchNorm.js';
import { foldPadding } from './foldPadding.js';
import { fuseActivation } from './fuseActivation.js';
import { fuseResidual } from './fuseResidual.js';
import type { Pass } from './pass.js';
import { removeDead } from './removeDead.js';

/**
 * The passes in the order in which a plan applies them. A batch norm comes before what is added to it, and both before the activation, since
 * that is the order in which a convolution finishes its sums.
 */
export const passes: readonly Pass[] = [
  removeDead,
  collapseViews,
  foldPadding,
  prepareConvolutions,
  foldBatchNorm,
  fuseResidual,
  fuseActivation,
  removeDead,
];

/** The graph that a plan computes. */
export function optimize(graph: Graph): Graph {
  return passes.reduce((g, pass) => pass(g), graph);
}
