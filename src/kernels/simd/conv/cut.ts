/** A convolution's work: `lines` of pixels that are cut into blocks, and `rows`, its output channels, that are cut into ranges. */
export interface Work {
  /** Planes that are cut alike: images times groups, or 1 where lines run on from image to image. */
  readonly planes: number;
  readonly lines: number;
  /** The most lines of a block, for the sake of the caches. */
  readonly mostLines: number;
  readonly rows: number;
  /** Ranges begin at multiples of this. */
  readonly rowStep: number;
  /** What a line costs that belongs to no row, such as its columns, in terms of what it costs a row. */
  readonly lineCost: number;
  /** What a row costs that belongs to no line, such as the reading of its filter, in the same terms. */
  readonly rowCost: number;
}

/** A unit of work is a range of rows of a block of lines. */
export interface Cut {
  readonly blockLines: number;
  readonly blocks: number;
  readonly ranges: number;
  readonly rangeRows: number;
}

/** Units a thread from which on an uneven end does not matter. */
const ENOUGH = 12;

/**
 * How work is cut into units, so that `threads` threads end at about the same time: blocks as large as allowed where there are
 * many, else smaller blocks or several ranges, whichever costs least in all. No result depends on it: every output is one sum,
 * whatever is computed beside it.
 */
export function cut(work: Work, threads: number): Cut {
  const { planes, lines, mostLines } = work;
  const least = Math.max(1, Math.ceil(lines / mostLines));
  let best = evenly(work, least, 1);
  if (threads === 1 || planes * least >= ENOUGH * threads) return best;
  let bestCost = slowest(work, best, threads);
  for (let blocks = least; blocks <= Math.min(lines, least + threads); blocks++) {
    for (const rounds of [1, 2]) {
      const candidate = evenly(work, blocks, Math.ceil((rounds * threads) / (planes * blocks)));
      const cost = slowest(work, candidate, threads);
      if (cost < bestCost) [best, bestCost] = [candidate, cost];
    }
  }
  return best;
}

function evenly({ lines, rows, rowStep }: Work, wantedBlocks: number, wantedRanges: number): Cut {
  const blockLines = Math.max(1, Math.ceil(lines / wantedBlocks));
  const rangeRows = Math.max(1, Math.ceil(rows / wantedRanges / rowStep)) * rowStep;
  return {
    blockLines,
    blocks: Math.ceil(lines / blockLines),
    ranges: Math.max(1, Math.ceil(rows / rangeRows)),
    rangeRows,
  };
}

/** The work of the thread that has most of it. */
function slowest({ planes, rows, lineCost, rowCost }: Work, c: Cut, threads: number): number {
  const rangeRows = Math.min(rows, c.rangeRows);
  const unit = c.blockLines * (lineCost + rangeRows) + rowCost * rangeRows;
  return Math.ceil((planes * c.blocks * c.ranges) / threads) * unit;
}
