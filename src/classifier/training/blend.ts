import type { StateDict } from '../../base/stateDict.js';
import type { Module } from '../../layers/module.js';

/** Shares of the fine-tuned weights that are tried, the rest being the weights before. */
export const SHARES = [0.25, 0.5, 0.75, 1];

/**
 * Gives a model the weighted mean of two sets of weights: between a network before and after fine-tuning there are often better ones.
 *
 * Source: Wortsman et al. 2022, "Robust fine-tuning of zero-shot models" (arXiv:2109.01903).
 */
export function blend(model: Module, before: StateDict, after: StateDict, share: number): void {
  const mixed: StateDict = new Map();
  for (const [name, { shape, data }] of after) {
    const old = before.get(name)?.data ?? data;
    mixed.set(name, { shape, data: data.map((value, i) => share * value + (1 - share) * old[i]) });
  }
  model.loadStateDict(mixed);
}

/**
 * The cross-entropy of each photograph: logits [N, K] row by row. With answers of 0 or 1 instead of class numbers, it is that of yes and no, summed over
 * the outputs.
 *
 * Shapes: logits N * K numbers, targets N class numbers or N * K answers -> N losses.
 */
export function crossEntropies(logits: Float32Array, targets: readonly number[], outputs: number): number[] {
  return Array.from({ length: logits.length / outputs }, (_, n) => {
    const row = logits.subarray(n * outputs, (n + 1) * outputs);
    if (targets.length === logits.length) {
      // log(1 + exp(z)) without overflow, z being the logit of the wrong answer.
      return row.reduce((sum, logit, k) => {
        const z = targets[n * outputs + k] === 1 ? -logit : logit;
        return sum + Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z)));
      }, 0);
    }
    const top = row.reduce((a, b) => Math.max(a, b));
    return Math.log(row.reduce((sum, z) => sum + Math.exp(z - top), 0)) + (top - row[targets[n]]);
  });
}

/** Whether losses fell by more than one standard error of their differences, photograph by photograph. */
export function isClearlyLower(after: readonly number[], before: readonly number[]): boolean {
  const gains = before.map((loss, n) => loss - after[n]);
  const mean = gains.reduce((a, b) => a + b, 0) / gains.length;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / Math.max(1, gains.length - 1);
  return mean > Math.sqrt(variance / gains.length);
}
