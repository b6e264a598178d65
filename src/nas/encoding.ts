import type { RandomStream } from '../base/random.js';
import { CELL_EDGES, CELL_OPERATIONS, type Cell, checkCell } from './cell.js';

/** A cell as 30 numbers for a predictor of accuracy: for each edge, a 1 at its operation and zeros elsewhere. */
export function encodeCell(cell: Cell): number[] {
  return checkCell('encodeCell', cell).flatMap((operation) =>
    CELL_OPERATIONS.map((each) => Number(each === operation)),
  );
}

/** A cell with another operation on one edge, both drawn at random. */
export function mutateCell(cell: Cell, random: RandomStream): Cell {
  checkCell('mutateCell', cell);
  const edge = random.integer(CELL_EDGES.length);
  const others = CELL_OPERATIONS.filter((operation) => operation !== cell[edge]);
  return cell.map((operation, i) => (i === edge ? others[random.integer(others.length)] : operation));
}

/** All 24 cells that differ in one edge. */
export function neighborsOf(cell: Cell): Cell[] {
  checkCell('neighborsOf', cell);
  return cell.flatMap((old, i) =>
    CELL_OPERATIONS.filter((operation) => operation !== old).map((operation) =>
      cell.map((each, k) => (k === i ? operation : each)),
    ),
  );
}
