import { checkOptions } from '../base/checkOptions.js';
import type { Configuration, Journal, Sampler } from '../study/index.js';
import { type Cell, cellIndex, cellOf, cellSpace, formatCell } from './cell.js';
import { type FoundArchitecture, searchArchitectures } from './searchArchitectures.js';

/** Options of `searchCells`. */
export interface CellSearchOptions {
  /** Cells that each search evaluates. Default 100. */
  budget?: number | undefined;
  /** How many searches, with the seeds 0, 1, ... Default 1. */
  seeds?: number | undefined;
  /** How cells are chosen. Default: regularized evolution with a population of 20 and tournaments of 10. */
  sampler?: (() => Sampler) | undefined;
  /** Where each search is recorded, by its name: `evolution-0`, `random-0`. Default: in memory. */
  journal?: ((name: string) => Journal) | undefined;
}

/** What one search found. */
export interface FoundCell {
  /** The best cell. */
  cell: Cell;
  /** Its value. */
  value: number;
}

/** A search, and random search with the same budget beside it. */
export interface CellSearch {
  /** The name of the sampler. */
  sampler: string;
  /** Cells that each search evaluated. */
  budget: number;
  /** The best of each seed. */
  found: readonly FoundCell[];
  /** The best of random search, for each seed. */
  random: readonly FoundCell[];
  /** The mean of the best values. */
  meanBest: number;
  /** The mean of the best values of random search. */
  meanRandom: number;
  /** Both as text. */
  toString(): string;
}

/**
 * Looks for the cell with the largest value, and does the same by random search with the same budget, which is hard to beat and belongs beside every
 * result. A cell that both come across is evaluated once. A cell whose value isn't finite counts as failed.
 *
 * @example
 * const search = await searchCells(tableLookup(table), { budget: 100, seeds: 30 });
 * console.log(String(search));
 */
export async function searchCells(
  evaluate: (cell: Cell) => number | Promise<number>,
  options: CellSearchOptions = {},
): Promise<CellSearch> {
  checkOptions('searchCells', options, ['budget', 'seeds', 'sampler', 'journal']);
  const known = new Map<number, number>();
  const measure = async (cell: Cell): Promise<number> => {
    const index = cellIndex(cell);
    const value = known.get(index) ?? (await evaluate(cell));
    known.set(index, value);
    return value;
  };
  const format = (config: Configuration): string => formatCell(cellOf(config));
  const search = await searchArchitectures(cellSpace(), (config) => measure(cellOf(config)), { ...options, format });
  const cells = (found: readonly FoundArchitecture[]): FoundCell[] =>
    found.map(({ config, value }) => ({ cell: cellOf(config), value }));
  return {
    ...search,
    found: cells(search.found),
    random: cells(search.random),
    toString: () => String(search).replaceAll(`with ${search.budget} trials`, `with ${search.budget} cells`),
  };
}
