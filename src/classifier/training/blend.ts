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

/** The cross-entropy of each photograph: logits [N, K] row by row. */
export function crossEntropies(logits: Float32Array, labels: readonly number[]): number[] {
  const classes = logits.length / labels.length;
  return labels.map((label, n) => {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const top = row.reduce((a, b) => Math.max(a, b));
    return Math.log(row.reduce((sum, z) => sum + Math.exp(z - top), 0)) + (top - row[label]);
  });
}

/** Whether losses fell by more than one standard error of their differences, photograph by photograph. */
export function isClearlyLower(after: readonly number[], before: readonly number[]): boolean {
  const gains = before.map((loss, n) => loss - after[n]);
  const mean = gains.reduce((a, b) => a + b, 0) / gains.length;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / Math.max(1, gains.length - 1);
  return mean > Math.sqrt(variance / gains.length);
}
