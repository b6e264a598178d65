import type { Floats } from '../../memory/memory.js';
import type {
  AdadeltaGeometry,
  AdagradGeometry,
  AdamGeometry,
  LambGeometry,
  LionGeometry,
  RmspropGeometry,
  SgdGeometry,
} from '../contracts/optimizers.js';

/**
 * p -= learningRate * (nesterov ? d + momentum * buffer : buffer), where d = grad + weightDecay * p and
 * buffer = momentum * buffer + (1 - dampening) * d
 */
export function sgdStep(p: Floats, grad: Floats, momentum: Floats | null, g: SgdGeometry): void {
  const n = p.length;
  const { learningRate, weightDecay, nesterov } = g;
  if (momentum === null) {
    for (let i = 0; i < n; i++) p[i] -= learningRate * (grad[i] + weightDecay * p[i]);
    return;
  }
  const mu = g.momentum;
  const keep = g.firstStep ? 0 : mu;
  const take = g.firstStep ? 1 : 1 - g.dampening;
  for (let i = 0; i < n; i++) {
    // (1) the gradient of the loss and of the weight decay
    const d = grad[i] + weightDecay * p[i];
    // (2) the running sum of gradients
    const buffer = keep * momentum[i] + take * d;
    momentum[i] = buffer;
    // (3) the step; Nesterov's looks one momentum ahead
    p[i] -= learningRate * (nesterov ? d + mu * buffer : buffer);
  }
}

/** p -= learningRate * (m / correction1) / (sqrt(v / correction2) + eps) */
export function adamStep(p: Floats, grad: Floats, m: Floats, v: Floats, g: AdamGeometry): void {
  const n = p.length;
  const { beta1, beta2, eps } = g;
  const shrink = g.decoupled ? 1 - g.learningRate * g.weightDecay : 1;
  const decay = g.decoupled ? 0 : g.weightDecay;
  const stepSize = g.learningRate / g.correction1;
  const root2 = Math.sqrt(g.correction2);
  for (let i = 0; i < n; i++) {
    // (1) weight decay: AdamW shrinks the weight itself, Adam adds to the gradient
    const w = p[i] * shrink;
    const d = grad[i] + decay * p[i];
    // (2) running means of the gradient and of its square
    const mean = beta1 * m[i] + (1 - beta1) * d;
    const square = beta2 * v[i] + (1 - beta2) * d * d;
    m[i] = mean;
    v[i] = square;
    // (3) the step, with both means corrected for their start at zero
    p[i] = w - (stepSize * mean) / (Math.sqrt(square) / root2 + eps);
  }
}

/** p -= learningRate * d / (sqrt(square - mean^2) + eps), through a momentum buffer if there is one */
export function rmspropStep(
  p: Floats,
  grad: Floats,
  square: Floats,
  mean: Floats | null,
  momentum: Floats | null,
  g: RmspropGeometry,
): void {
  const n = p.length;
  const { learningRate, alpha, eps, weightDecay } = g;
  const mu = g.momentum;
  for (let i = 0; i < n; i++) {
    const d = grad[i] + weightDecay * p[i];
    // (1) the running mean of the squared gradient
    let variance = alpha * square[i] + (1 - alpha) * d * d;
    square[i] = variance;
    // (2) centered: minus the square of the running mean, which rounding may make larger
    if (mean !== null) {
      const average = alpha * mean[i] + (1 - alpha) * d;
      mean[i] = average;
      variance = Math.max(0, variance - average * average);
    }
    // (3) the step
    let step = d / (Math.sqrt(variance) + eps);
    if (momentum !== null) {
      step += mu * momentum[i];
      momentum[i] = step;
    }
    p[i] -= learningRate * step;
  }
}

/** square += d^2; p -= learningRate * d / (sqrt(square) + eps) */
export function adagradStep(p: Floats, grad: Floats, square: Floats, g: AdagradGeometry): void {
  const n = p.length;
  const { learningRate, eps, weightDecay } = g;
  for (let i = 0; i < n; i++) {
    const d = grad[i] + weightDecay * p[i];
    const sum = square[i] + d * d;
    square[i] = sum;
    p[i] -= (learningRate * d) / (Math.sqrt(sum) + eps);
  }
}

/** step = sqrt(delta + eps) / sqrt(square + eps) * d; p -= learningRate * step */
export function adadeltaStep(p: Floats, grad: Floats, square: Floats, delta: Floats, g: AdadeltaGeometry): void {
  const n = p.length;
  const { learningRate, rho, eps, weightDecay } = g;
  for (let i = 0; i < n; i++) {
    const d = grad[i] + weightDecay * p[i];
    // (1) the running mean of the squared gradient
    const mean = rho * square[i] + (1 - rho) * d * d;
    square[i] = mean;
    // (2) the step has the size of past steps, not of the gradient
    const step = (Math.sqrt(delta[i] + eps) / Math.sqrt(mean + eps)) * d;
    delta[i] = rho * delta[i] + (1 - rho) * step * step;
    p[i] -= learningRate * step;
  }
}

/** p = (1 - learningRate * weightDecay) * p - learningRate * sign(beta1 * m + (1 - beta1) * grad); m = beta2 * m + (1 - beta2) * grad */
export function lionStep(p: Floats, grad: Floats, m: Floats, g: LionGeometry): void {
  const n = p.length;
  const { learningRate, beta1, beta2 } = g;
  const shrink = 1 - learningRate * g.weightDecay;
  for (let i = 0; i < n; i++) {
    const direction = beta1 * m[i] + (1 - beta1) * grad[i];
    p[i] = shrink * p[i] - learningRate * Math.sign(direction);
    m[i] = beta2 * m[i] + (1 - beta2) * grad[i];
  }
}

/** u = (m / correction1) / (sqrt(v / correction2) + eps) + weightDecay * p, with Adam's running means m and v */
export function lambDirection(u: Floats, p: Floats, grad: Floats, m: Floats, v: Floats, g: LambGeometry): void {
  const n = p.length;
  const { beta1, beta2, eps, weightDecay, correction1, correction2 } = g;
  for (let i = 0; i < n; i++) {
    const mean = beta1 * m[i] + (1 - beta1) * grad[i];
    const square = beta2 * v[i] + (1 - beta2) * grad[i] * grad[i];
    m[i] = mean;
    v[i] = square;
    u[i] = mean / correction1 / (Math.sqrt(square / correction2) + eps) + weightDecay * p[i];
  }
}

/** y = keep * y + share * x */
export function blend(y: Floats, x: Floats, keep: number, share: number): void {
  const n = y.length;
  for (let i = 0; i < n; i++) y[i] = keep * y[i] + share * x[i];
}
