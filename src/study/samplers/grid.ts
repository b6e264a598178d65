import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { expand } from '../configurations.js';
import type { Configuration, ParameterValue, SearchParameter, SearchSpace } from '../space.js';
import { fromUnit, sizeOf } from '../unit.js';
import type { Sampler } from './sampler.js';

/** Options of `gridSampler`. */
export interface GridSamplerOptions {
  /** Values of a real parameter, and the most of an integer: both ends and evenly spaced between them. Default 5. */
  points?: number | undefined;
}

/** No grid is larger than this. */
const LARGEST = 100_000;

/** Tries every combination of values, in order; the last parameter changes fastest. Then the study has nothing more to ask. */
export function gridSampler(options: GridSamplerOptions = {}): Sampler {
  checkOptions('gridSampler', options, ['points']);
  const points = checkWhole('gridSampler', 'points', options.points ?? 5, 1);
  const grids = new WeakMap<SearchSpace, readonly Configuration[]>();
  return {
    name: 'grid',
    settings: { points },
    sample({ space, draw }) {
      const grid = grids.get(space) ?? gridOf(space, points);
      grids.set(space, grid);
      return grid[draw] ?? null;
    },
  };
}

function gridOf(space: SearchSpace, points: number): readonly Configuration[] {
  const grid: Configuration[] = [];
  for (const point of expand(Object.entries(space), {}, (parameter) => gridValues(parameter, points))) {
    if (grid.push(point) <= LARGEST) continue;
    throw new ArgumentError(
      `gridSampler: ${points} points per parameter give more than ${LARGEST} combinations. Pass fewer points, or use another sampler.`,
    );
  }
  return grid;
}

function gridValues(parameter: SearchParameter, points: number): readonly ParameterValue[] {
  if (parameter.type === 'choice') return parameter.values;
  const count = Math.min(sizeOf(parameter), points);
  if (count === 1) return [fromUnit(parameter, 0.5)];
  return [...new Set(Array.from({ length: count }, (_, i) => fromUnit(parameter, i / (count - 1))))];
}
