import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { evolutionSampler, type Journal, memoryJournal, randomSampler, type Sampler, Study } from '../study/index.js';
import { type Cell, cellIndex, cellOf, cellSpace, formatCell } from './cell.js';

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
  const budget = checkWhole('searchCells', 'budget', options.budget ?? 100, 1);
  const seeds = checkWhole('searchCells', 'seeds', options.seeds ?? 1, 1);
  const { sampler = () => evolutionSampler({ population: 20, tournament: 10 }), journal = () => memoryJournal() } =
    options;
  const known = new Map<number, number>();
  const measure = async (cell: Cell): Promise<number> => {
    const index = cellIndex(cell);
    const value = known.get(index) ?? (await evaluate(cell));
    known.set(index, value);
    return value;
  };
  const searchWith = async (chosen: Sampler, seed: number): Promise<FoundCell> => {
    const study = new Study({
      space: cellSpace(),
      objectives: { value: 'maximize' },
      sampler: chosen,
      trials: budget,
      seed,
      journal: journal(`${chosen.name}-${seed}`),
    });
    for (let trial = study.ask(); trial !== null; trial = study.ask()) {
      study.tell(trial, await measure(cellOf(trial.config)));
    }
    const { best } = study;
    return best === undefined
      ? { cell: cellOf(study.trials[0].config), value: Number.NaN }
      : { cell: cellOf(best.config), value: best.values?.value as number };
  };
  const found: FoundCell[] = [];
  const random: FoundCell[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    found.push(await searchWith(sampler(), seed));
    random.push(await searchWith(randomSampler(), seed));
  }
  const { name } = sampler();
  const [meanBest, meanRandom] = [meanOf(found), meanOf(random)];
  return {
    sampler: name,
    budget,
    found,
    random,
    meanBest,
    meanRandom,
    toString: () => `${describe(name, budget, found)}\n${describe('random', budget, random)}`,
  };
}

function meanOf(found: readonly FoundCell[]): number {
  return found.reduce((sum, { value }) => sum + value, 0) / found.length;
}

/** `evolution: 72.81 +- 0.41 over 30 seeds of 100 cells; the best: ...` */
function describe(name: string, budget: number, found: readonly FoundCell[]): string {
  const mean = meanOf(found);
  const deviation = Math.sqrt(
    found.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / Math.max(1, found.length - 1),
  );
  const best = found.reduce((a, b) => (b.value > a.value ? b : a));
  const spread = found.length > 1 ? ` ± ${deviation.toFixed(2)} over ${found.length} seeds` : '';
  return `${name.padEnd(10)} ${mean.toFixed(2)}${spread} with ${budget} cells; the best ${best.value.toFixed(2)}: ${formatCell(best.cell)}`;
}
