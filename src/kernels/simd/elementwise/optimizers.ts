import type { Floats } from '../../../memory/memory.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import type {
  AdadeltaGeometry,
  AdagradGeometry,
  AdamGeometry,
  LambGeometry,
  LionGeometry,
  RmspropGeometry,
  SgdGeometry,
} from '../../contracts/optimizers.js';
import { map, mapProgram } from './map.js';

// Every step reads and writes each array once: memory is what it waits for. Numbers that the formulas combine (1 - beta,
// learningRate / correction) are combined in doubles by the callers below and rounded once.
const sgd = { reads: ['p', 'grad'], writes: ['p'] } as const;
const withMomentum = { reads: ['p', 'grad', 'momentum'], writes: ['p', 'momentum'] } as const;
const momentumNumbers = ['rate', 'decay', 'keep', 'take', 'ahead', 'share'] as const;
const adam = { reads: ['p', 'grad', 'm', 'v'], writes: ['p', 'm', 'v'], unroll: 2 } as const;
const adamNumbers = ['shrink', 'decay', 'beta1', 'rest1', 'beta2', 'rest2', 'rate', 'inverseRoot', 'eps'] as const;
const adagrad = { reads: ['p', 'grad', 'square'], writes: ['p', 'square'] } as const;
const adadelta = { reads: ['p', 'grad', 'square', 'delta'], writes: ['p', 'square', 'delta'], unroll: 2 } as const;
const adadeltaNumbers = ['rate', 'rho', 'rest', 'eps', 'decay'] as const;
const lion = { reads: ['p', 'grad', 'm'], writes: ['p', 'm'] } as const;
const lamb = { reads: ['p', 'grad', 'm', 'v'], writes: ['u', 'm', 'v'], unroll: 2 } as const;
const lambNumbers = ['beta1', 'rest1', 'beta2', 'rest2', 'inverse', 'inverseRoot', 'eps', 'decay'] as const;
const blending = { reads: ['y', 'x'], writes: ['y'] } as const;

const maps = mapProgram('optimizers', {
  sgd: map(sgd, ['rate', 'decay'], (f, { p, grad }, { rate, decay }) => ({
    p: f.fnma(rate, f.fma(decay, p, grad), p),
  })),
  sgdMomentum: map(withMomentum, momentumNumbers, (f, { p, grad, momentum }, g) => {
    // (1) the gradient of the loss and of the weight decay
    const d = f.let(f.fma(g.decay, p, grad));
    // (2) the running sum of gradients
    const buffer = f.let(f.fma(g.keep, momentum, g.take.mul(d)));
    // (3) the step; Nesterov's looks one momentum ahead: share d + ahead buffer
    const step = f.fma(g.ahead, buffer, g.share.mul(d));
    return { momentum: buffer, p: f.fnma(g.rate, step, p) };
  }),
  adam: map(adam, adamNumbers, (f, { p, grad, m, v }, g) => {
    // (1) weight decay: AdamW shrinks the weight itself, Adam adds to the gradient
    const d = f.let(f.fma(g.decay, p, grad));
    // (2) running means of the gradient and of its square
    const mean = f.let(f.fma(g.beta1, m, g.rest1.mul(d)));
    const square = f.let(f.fma(g.beta2, v, g.rest2.mul(d).mul(d)));
    // (3) the step, with both means corrected for their start at zero
    const step = g.rate.mul(mean).div(f.fma(square.sqrt(), g.inverseRoot, g.eps));
    return { m: mean, v: square, p: p.mul(g.shrink).sub(step) };
  }),
  rmsprop: rmsprop(false, false),
  rmspropMomentum: rmsprop(false, true),
  rmspropCentered: rmsprop(true, false),
  rmspropCenteredMomentum: rmsprop(true, true),
  adagrad: map(adagrad, ['rate', 'eps', 'decay'], (f, { p, grad, square }, g) => {
    const d = f.let(f.fma(g.decay, p, grad));
    const sum = f.let(f.fma(d, d, square));
    return { square: sum, p: p.sub(g.rate.mul(d).div(sum.sqrt().add(g.eps))) };
  }),
  adadelta: map(adadelta, adadeltaNumbers, (f, { p, grad, square, delta }, g) => {
    const d = f.let(f.fma(g.decay, p, grad));
    // (1) the running mean of the squared gradient
    const mean = f.let(f.fma(g.rho, square, g.rest.mul(d).mul(d)));
    // (2) the step has the size of past steps, not of the gradient
    const step = f.let(delta.add(g.eps).sqrt().div(mean.add(g.eps).sqrt()).mul(d));
    return { square: mean, delta: f.fma(g.rho, delta, g.rest.mul(step).mul(step)), p: f.fnma(g.rate, step, p) };
  }),
  lion: map(lion, ['shrink', 'rate', 'beta1', 'rest1', 'beta2', 'rest2'], (f, { p, grad, m }, g) => {
    const direction = f.let(f.fma(g.beta1, m, g.rest1.mul(grad)));
    // The rate with the sign of the direction, 0 for 0; NaN stays NaN.
    const zero = F32x4.of(0);
    const sign = direction.bits().and(I32x4.of(0x80000000 | 0));
    const step = direction.eq(zero).select(direction, g.rate.bits().or(sign).asF32x4());
    const safe = direction.eq(direction).select(step, direction);
    return { p: p.mul(g.shrink).sub(safe), m: f.fma(g.beta2, m, g.rest2.mul(grad)) };
  }),
  lamb: map(lamb, lambNumbers, (f, { p, grad, m, v }, g) => {
    const mean = f.let(f.fma(g.beta1, m, g.rest1.mul(grad)));
    const square = f.let(f.fma(g.beta2, v, g.rest2.mul(grad).mul(grad)));
    const step = g.inverse.mul(mean).div(f.fma(square.sqrt(), g.inverseRoot, g.eps));
    return { m: mean, v: square, u: f.fma(g.decay, p, step) };
  }),
  blend: map(blending, ['keep', 'share'], (f, { y, x }, { keep, share }) => ({
    y: f.fma(share, x, keep.mul(y)),
  })),
});

type RmspropArray = 'p' | 'grad' | 'square' | 'mean' | 'momentum';

/** With the running means that the variant has. */
function rmsprop(centered: boolean, moving: boolean) {
  const kept: RmspropArray[] = ['p', 'square'];
  if (centered) kept.push('mean');
  if (moving) kept.push('momentum');
  const spec = { reads: ['grad', ...kept] as RmspropArray[], writes: kept, unroll: 2 } as const;
  return map(spec, ['rate', 'alpha', 'rest', 'eps', 'decay', 'keep'], (f, x, g) => {
    const d = f.let(f.fma(g.decay, x.p, x.grad));
    // (1) the running mean of the squared gradient
    const square = f.let(f.fma(g.alpha, x.square, g.rest.mul(d).mul(d)));
    const results: Partial<Record<RmspropArray, F32x4>> = { square };
    // (2) centered: minus the square of the running mean, which rounding may make larger
    let variance: F32x4 = square;
    if (centered) {
      const average = f.let(f.fma(g.alpha, x.mean, g.rest.mul(d)));
      results.mean = average;
      variance = f.fnma(average, average, square).max(F32x4.of(0));
    }
    // (3) the step
    const step = f.let(d.div(variance.sqrt().add(g.eps)));
    if (moving) {
      step.set(f.fma(g.keep, x.momentum, step));
      results.momentum = step;
    }
    results.p = f.fnma(g.rate, step, x.p);
    return results as Record<RmspropArray, F32x4>;
  });
}

export function sgdStep(p: Floats, grad: Floats, momentum: Floats | null, g: SgdGeometry): void {
  const { learningRate, weightDecay, nesterov } = g;
  if (momentum === null) {
    maps.sgd({ p, grad, rate: learningRate, decay: weightDecay });
    return;
  }
  const keep = g.firstStep ? 0 : g.momentum;
  const take = g.firstStep ? 1 : 1 - g.dampening;
  const [ahead, share] = nesterov ? [g.momentum, 1] : [1, 0];
  maps.sgdMomentum({ p, grad, momentum, rate: learningRate, decay: weightDecay, keep, take, ahead, share });
}

export function adamStep(p: Floats, grad: Floats, m: Floats, v: Floats, g: AdamGeometry): void {
  const { learningRate, beta1, beta2, eps, weightDecay, decoupled } = g;
  const shrink = decoupled ? 1 - learningRate * weightDecay : 1;
  const decay = decoupled ? 0 : weightDecay;
  const rate = learningRate / g.correction1;
  const inverseRoot = 1 / Math.sqrt(g.correction2);
  const [rest1, rest2] = [1 - beta1, 1 - beta2];
  maps.adam({ p, grad, m, v, shrink, decay, beta1, rest1, beta2, rest2, rate, inverseRoot, eps });
}

export function rmspropStep(
  p: Floats,
  grad: Floats,
  square: Floats,
  mean: Floats | null,
  momentum: Floats | null,
  g: RmspropGeometry,
): void {
  const { learningRate: rate, alpha, eps, weightDecay: decay } = g;
  const run = maps[`rmsprop${mean !== null ? 'Centered' : ''}${momentum !== null ? 'Momentum' : ''}`];
  // A variant reads only the arrays that it has.
  const arrays = { p, grad, square, mean: mean ?? p, momentum: momentum ?? p };
  run({ ...arrays, rate, alpha, rest: 1 - alpha, eps, decay, keep: g.momentum });
}

export function adagradStep(p: Floats, grad: Floats, square: Floats, g: AdagradGeometry): void {
  maps.adagrad({ p, grad, square, rate: g.learningRate, eps: g.eps, decay: g.weightDecay });
}

export function adadeltaStep(p: Floats, grad: Floats, square: Floats, delta: Floats, g: AdadeltaGeometry): void {
  const { learningRate: rate, rho, eps, weightDecay: decay } = g;
  maps.adadelta({ p, grad, square, delta, rate, rho, rest: 1 - rho, eps, decay });
}

export function lionStep(p: Floats, grad: Floats, m: Floats, g: LionGeometry): void {
  const { learningRate: rate, beta1, beta2, weightDecay } = g;
  const shrink = 1 - rate * weightDecay;
  maps.lion({ p, grad, m, shrink, rate, beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2 });
}

export function lambDirection(u: Floats, p: Floats, grad: Floats, m: Floats, v: Floats, g: LambGeometry): void {
  const { beta1, beta2, eps, weightDecay: decay } = g;
  const [rest1, rest2] = [1 - beta1, 1 - beta2];
  const corrections = { inverse: 1 / g.correction1, inverseRoot: 1 / Math.sqrt(g.correction2) };
  maps.lamb({ p, grad, m, v, u, beta1, rest1, beta2, rest2, ...corrections, eps, decay });
}

export function blend(y: Floats, x: Floats, keep: number, share: number): void {
  maps.blend({ y, x, keep, share });
}
