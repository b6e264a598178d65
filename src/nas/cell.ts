import { ArgumentError } from '../base/errors.js';
import { type ChoiceParameter, type Configuration, choice } from '../study/index.js';

/** The five operations of an edge: nothing, the identity, convolutions with batch norm, and average pooling. */
export const CELL_OPERATIONS = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'] as const;

/** An operation of an edge. */
export type CellOperation = (typeof CELL_OPERATIONS)[number];

/** From which node to which later one each edge leads, in the order of a cell. Node 0 is the input, node 3 the output. */
export const CELL_EDGES = [
  [0, 1],
  [0, 2],
  [1, 2],
  [0, 3],
  [1, 3],
  [2, 3],
] as const;

/** The operation of each of the six edges, in the order of `CELL_EDGES`. */
export type Cell = readonly CellOperation[];

/** All cells: 5^6. */
export const CELL_COUNT = CELL_OPERATIONS.length ** CELL_EDGES.length;

/** A space for `Study`: a choice of an operation per edge, named `edge0to1` and so on. Every configuration is a cell. */
export function cellSpace(): Record<string, ChoiceParameter> {
  return Object.fromEntries(CELL_EDGES.map(([from, to]) => [`edge${from}to${to}`, choice(CELL_OPERATIONS)]));
}

/** The cell of a configuration of `cellSpace()`. */
export function cellOf(config: Configuration): Cell {
  return checkCell(
    'cellOf',
    CELL_EDGES.map(([from, to]) => config[`edge${from}to${to}`] as CellOperation),
  );
}

/** The cell of an index from 0 to 15,624: the operations are its digits to base 5, the first edge the highest. */
export function cellAt(index: number): Cell {
  if (!Number.isInteger(index) || index < 0 || index >= CELL_COUNT) {
    throw new ArgumentError(`cellAt: the index is ${index}, but must be a whole number from 0 to ${CELL_COUNT - 1}.`);
  }
  const count = CELL_OPERATIONS.length;
  return CELL_EDGES.map((_, i) => CELL_OPERATIONS[Math.floor(index / count ** (CELL_EDGES.length - 1 - i)) % count]);
}

/** The index of a cell: the inverse of `cellAt`. */
export function cellIndex(cell: Cell): number {
  return checkCell('cellIndex', cell).reduce(
    (index, operation) => index * CELL_OPERATIONS.length + CELL_OPERATIONS.indexOf(operation),
    0,
  );
}

/** A cell as text: `|nor_conv_3x3~0|+|none~0|skip_connect~1|+|...|`, a group per node, each operation with the node that it starts from. */
export function formatCell(cell: Cell): string {
  checkCell('formatCell', cell);
  const groups = [1, 2, 3].map((node) => {
    const edges = CELL_EDGES.flatMap(([from, to], i) => (to === node ? [`${cell[i]}~${from}`] : []));
    return `|${edges.join('|')}|`;
  });
  return groups.join('+');
}

/** Reads a cell from its text. Throws `ArgumentError` for a text that is none. */
export function parseCell(text: string): Cell {
  const found = String(text)
    .split('+')
    .flatMap((group) => group.split('|').filter((part) => part !== ''));
  const cell = found.map((part) => part.split('~')[0] as CellOperation);
  const isWhole = cell.length === CELL_EDGES.length && cell.every((operation) => CELL_OPERATIONS.includes(operation));
  if (!isWhole || formatCell(cell) !== text) {
    throw new ArgumentError(
      `parseCell: '${text}' is no cell. A cell is a text such as ${formatCell(cellAt(0))}, of ${CELL_OPERATIONS.join(', ')}.`,
    );
  }
  return cell;
}

/** Throws `ArgumentError` unless it is a cell; returns it. */
export function checkCell(who: string, cell: Cell): Cell {
  const isCell =
    Array.isArray(cell) &&
    cell.length === CELL_EDGES.length &&
    cell.every((operation: CellOperation) => CELL_OPERATIONS.includes(operation));
  if (isCell) return cell;
  throw new ArgumentError(
    `${who}: the cell is ${JSON.stringify(cell)}, but must be a list of ${CELL_EDGES.length} of ${CELL_OPERATIONS.join(', ')}.`,
  );
}
