/** What the classes of a classifier are: one of many applies, one question has a yes or no, or each class may apply or not. */
export type ClassifierKind = 'one-of-many' | 'binary' | 'multi-label';

/** All of them. */
export const kinds: readonly ClassifierKind[] = ['one-of-many', 'binary', 'multi-label'];

/**
 * Confidences from one row of logits, in double precision: a softmax over the classes for one of many; `[1 - p, p]` from the single logit of a
 * binary classifier; a sigmoid per class for several labels. Logits are divided by the temperature first.
 */
export function probabilities(kind: ClassifierKind, logits: ArrayLike<number>, temperature: number): Float64Array {
  const z = Float64Array.from(logits, (logit) => logit / temperature);
  if (kind === 'binary') {
    const p = sigmoid(z[0]);
    return Float64Array.of(1 - p, p);
  }
  if (kind === 'multi-label') return z.map(sigmoid);
  const largest = z.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exps = z.map((value) => Math.exp(value - largest));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((value) => value / sum);
}

/** Logits that a classifier of this kind gives for so many classes. */
export function logitsOfKind(kind: ClassifierKind, classes: number): number {
  return kind === 'binary' ? 1 : classes;
}

function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}
