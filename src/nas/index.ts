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
export { encodeCell, mutateCell, neighborsOf } from './encoding.js';
export { gradientNormScore, jacobianCovarianceScore, synflowScore } from './scores.js';
export { type CellSearch, type CellSearchOptions, type FoundCell, searchCells } from './searchCells.js';
