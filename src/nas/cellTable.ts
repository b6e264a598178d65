import { ArgumentError, FormatError } from '../base/errors.js';
import { type Cell, cellIndex, formatCell, parseCell } from './cell.js';

/** A value for each cell, such as the accuracy of its network, by the index of the cell. */
export type CellTable = ReadonlyMap<number, number>;

/**
 * Reads a table from text: a line per cell with the text of the cell, a comma or a tab, and a number. Empty lines and those that begin with `#` are
 * skipped. The whole benchmark has 15,625 lines:
 *
 * ```text
 * # CIFAR-100, test accuracy after 200 epochs, mean of 3 seeds
 * |avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|,63.52
 * ```
 *
 * Throws `FormatError` with the line for text that is no table, and for a cell that comes twice.
 */
export function parseCellTable(text: string): CellTable {
  const table = new Map<number, number>();
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const found = /^(\S+?)[,\t]\s*(\S+)$/.exec(line.trim());
    const value = Number(found?.[2] ?? Number.NaN);
    if (found === null || !Number.isFinite(value)) {
      throw new FormatError(
        `parseCellTable: line ${i + 1} is '${line.slice(0, 120)}', but must be a cell, a comma and a number.`,
      );
    }
    const index = cellIndex(parseLine(found[1], i + 1));
    if (table.has(index))
      throw new FormatError(`parseCellTable: line ${i + 1} has the cell ${found[1]} for the second time.`);
    table.set(index, value);
  });
  if (table.size === 0) throw new FormatError('parseCellTable: the table has no cells.');
  return table;
}

/** The value of a cell in a table. Throws `ArgumentError` for a cell that it lacks. */
export function tableLookup(table: CellTable): (cell: Cell) => number {
  return (cell) => {
    const value = table.get(cellIndex(cell));
    if (value === undefined) {
      throw new ArgumentError(
        `tableLookup: the table of ${table.size} cells lacks ${formatCell(cell)}. Pass a table of all 15,625.`,
      );
    }
    return value;
  };
}

function parseLine(text: string, line: number): Cell {
  try {
    return parseCell(text);
  } catch (cause) {
    throw new FormatError(`parseCellTable: line ${line}: ${(cause as Error).message}`, { cause });
  }
}
