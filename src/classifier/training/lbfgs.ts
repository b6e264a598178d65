/** A function to minimize: its value at x, and its gradient, which it writes. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

/** Steps whose curvature is remembered. */
const MEMORY = 10;
/** A step must lower the value by this share of what the slope promises (Armijo's condition). */
const SUFFICIENT = 1e-4;

/**
 * Minimizes a smooth convex function by L-BFGS with backtracking. Changes `x`; returns its value.
 *
 * Ends after `iterations`, or when the largest part of the gradient is below `tolerance`.
 *
 * Source: Nocedal and Wright 2006, "Numerical Optimization", algorithms 7.4 and 7.5.
 */
export function minimize(
  f: Objective,
  x: Float64Array,
  { iterations, tolerance }: { iterations: number; tolerance: number },
): number {
  const n = x.length;
  const gradient = new Float64Array(n);
  let value = f(x, gradient);
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  for (let k = 0; k < iterations; k++) {
    if (gradient.every((g) => Math.abs(g) <= tolerance)) break;
    const direction = towardsMinimum(gradient, steps, changes);
    const slope = dot(direction, gradient);
    // The first step has no curvature to go by.
    let rate = k === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    const next = new Float64Array(n);
    const nextGradient = new Float64Array(n);
    let nextValue = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 30; tries++, rate /= 2) {
      for (let i = 0; i < n; i++) next[i] = x[i] + rate * direction[i];
      nextValue = f(next, nextGradient);
      if (nextValue <= value + SUFFICIENT * rate * slope) break;
    }
    // Rounding hides any further progress.
    if (!(nextValue < value)) break;
    const step = next.map((v, i) => v - x[i]);
    const change = nextGradient.map((v, i) => v - gradient[i]);
    if (dot(step, change) > 1e-12) {
      steps.push(step);
      changes.push(change);
      if (steps.length > MEMORY) {
        steps.shift();
        changes.shift();
      }
    }
    x.set(next);
    gradient.set(nextGradient);
    value = nextValue;
  }
  return value;
}

/** Minus the inverse curvature times the gradient: the two loops of algorithm 7.4. */
function towardsMinimum(
  gradient: Float64Array,
  steps: readonly Float64Array[],
  changes: readonly Float64Array[],
): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    const alpha = dot(steps[i], q) / dot(steps[i], changes[i]);
    alphas[i] = alpha;
    for (let j = 0; j < q.length; j++) q[j] -= alpha * changes[i][j];
  }
  const last = steps.length - 1;
  if (last >= 0) {
    const scale = dot(steps[last], changes[last]) / dot(changes[last], changes[last]);
    for (let j = 0; j < q.length; j++) q[j] *= scale;
  }
  for (let i = 0; i < steps.length; i++) {
    const beta = dot(changes[i], q) / dot(steps[i], changes[i]);
    for (let j = 0; j < q.length; j++) q[j] += (alphas[i] - beta) * steps[i][j];
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
