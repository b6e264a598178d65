import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';
import { textTable } from '../../metrics/textTable.js';
import { keptIndices } from './keptAxes.js';
import { type PruneOptions, preparePruning } from './preparePruning.js';
import { titleOf } from './report.js';
import { type Score, scoreOf } from './score.js';
import { removeShares } from './select.js';
import { shrinkModel } from './shrinkModel.js';

/** Options of `sensitivityScan`. */
export interface SensitivityScanOptions extends Omit<PruneOptions, 'speedup' | 'keep' | 'scope'> {
  /** Measures each pruned model: see `Score`. */
  score: Score;
  /** The shares of channels that each layer keeps in turn. Default [0.75, 0.5, 0.25]. */
  shares?: readonly number[] | undefined;
}

/** What pruning one set of layers alone does. */
export interface SensitivityRow {
  /** The layers that make these channels, by their names in the state dict. */
  readonly layers: readonly string[];
  /** For each share: the score, and how many times fewer multiply-adds the model has. */
  readonly results: readonly { readonly share: number; readonly score: number; readonly speedup: number }[];
}

/** What `sensitivityScan` returns. */
export class SensitivityScan {
  constructor(
    /** The score of the whole model. */
    readonly baseline: number,
    /** One row per set of layers, in the order of the network. */
    readonly rows: readonly SensitivityRow[],
  ) {}

  /** The table, with the change of the score in brackets. */
  toString(): string {
    const shares = this.rows[0]?.results.map(({ share }) => `keep ${share}`) ?? [];
    const lines = this.rows.map(({ layers, results }) => [
      titleOf(layers),
      ...results.map(({ score }) => `${score.toFixed(4)} (${(score - this.baseline).toFixed(4)})`),
    ]);
    return `${textTable([['channels of', ...shares], ...lines])}\nthe whole model: ${this.baseline.toFixed(4)}`;
  }
}

/**
 * Prunes each set of layers alone, to several shares of its channels and without fine-tuning, and measures what is left: layers where the score
 * falls steeply are worth keeping, with `skip` or a larger share in `keep`.
 *
 * Throws `ArgumentError` for shares outside 0 to 1 and a score that is no number.
 *
 * Source: Li et al. 2017 (arXiv:1608.08710), section 3.2.
 *
 * @example
 * const score = async (m) => (await evaluate(m, validation)).accuracy;
 * console.log(String(await sensitivityScan(model, { inputShape: [1, 3, 32, 32], score })));
 */
export async function sensitivityScan(model: Module, options: SensitivityScanOptions): Promise<SensitivityScan> {
  const own = ['inputShape', 'criterion', 'data', 'loss', 'skip', 'multiple', 'minKept', 'score', 'shares'];
  checkOptions('sensitivityScan', options, own);
  const { score, shares = [0.75, 0.5, 0.25], ...pruning } = options;
  for (const share of shares) {
    if (!(share >= 0 && share <= 1)) {
      throw new ArgumentError(`sensitivityScan: one of the shares is ${share}, but each must be from 0 to 1.`);
    }
  }
  const { channels, cost, candidates } = preparePruning(model, { ...pruning, keep: 1 });
  const baseline = await scoreOf('sensitivityScan', score, model);
  const rows: SensitivityRow[] = [];
  for (const [at, { layers }] of channels.sets.entries()) {
    if (candidates.units[at].length === 0) continue;
    const results = [];
    for (const share of shares) {
      const left = removeShares(candidates, (set) => (set === at ? 1 - share : 0));
      const small = shrinkModel(model, channels, keptIndices(channels, left.removed));
      results.push({
        share,
        score: await scoreOf('sensitivityScan', score, small),
        speedup: cost.macs() / cost.macs(left),
      });
      for (const [, tensor] of small.namedTensors()) tensor.dispose();
    }
    rows.push({ layers, results });
  }
  return new SensitivityScan(baseline, rows);
}
