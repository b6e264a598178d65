export { BlockNetwork, type BlockNetworkOptions } from './blockNetwork.js';
export { type BlockSpaceOptions, type BlockStage, blockSpace, blocksOf } from './blockSpace.js';
export {
  CELL_COUNT,
  CELL_EDGES,
  CELL_OPERATIONS,
  type Cell,
  type CellOperation,
  cellAt,
  cellIndex,
  cellOf,
  cellSpace,
  formatCell,
  parseCell,
} from './cell.js';
export { CellModule } from './cellModule.js';
export { CellNetwork, type CellNetworkOptions } from './cellNetwork.js';
export { type CellTable, parseCellTable, tableLookup } from './cellTable.js';
export { type ArchitectureCost, architectureCost, type LatencyOptions, measureLatency } from './cost.js';
export {
  DARTS_OPERATIONS,
  type DartsCell,
  type DartsEdge,
  type DartsGenotype,
  type DartsOperation,
  dartsSpace,
  genotypeOf,
} from './dartsGenotype.js';
export { DartsNetwork, type DartsNetworkOptions } from './dartsNetwork.js';
export { encodeCell, mutateCell, neighborsOf } from './encoding.js';
export { gradientNormScore, jacobianCovarianceScore, synflowScore } from './scores.js';
export {
  type ArchitectureSearch,
  type ArchitectureSearchOptions,
  type EvaluationContext,
  type FoundArchitecture,
  searchArchitectures,
} from './searchArchitectures.js';
export { type CellSearch, type CellSearchOptions, type FoundCell, searchCells } from './searchCells.js';
