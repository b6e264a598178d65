import type { Floats } from '../../../memory/memory.js';
import { Program } from '../../../wasm/program.js';
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
import { defineMap, runMap } from './map.js';

// Every step reads and writes each array once: memory is what it waits for. Numbers that the formulas combine (1 - beta,
// learningRate / correction) are combined in doubles by the callers below and rounded once.
const program = new Program('optimizers', (module) => {
  const sgd = { reads: ['p', 'grad'], writes: ['p'] } as const;
  defineMap(module, 'sgd', sgd, ['rate', 'decay'], (f, { p, grad }, { rate, decay }) => ({
    p: f.fnma(rate, f.fma(decay, p, grad), p),
  }));

  const withMomentum = { reads: ['p', 'grad', 'momentum'], writes: ['p', 'momentum'] } as const;
  const momentumNumbers = ['rate', 'decay', 'keep', 'take', 'ahead', 'share'] as const;
  defineMap(module, 'sgdMomentum', withMomentum, momentumNumbers, (f, { p, grad, momentum }, g) => {
    // (1) the gradient of the loss and of the weight decay
    const d = f.let(f.fma(g.decay, p, grad));
    // (2) the running sum of gradients
    const buffer = f.let(f.fma(g.keep, momentum, g.take.mul(d)));
    // (3) the step; Nesterov's looks one momentum ahead: share d + ahead buffer
    const step = f.fma(g.ahead, buffer, g.share.mul(d));
    return { momentum: buffer, p: f.fnma(g.rate, step, p) };
  });

  const adam = { reads: ['p', 'grad', 'm', 'v'], writes: ['p', 'm', 'v'], unroll: 2 } as const;
  const adamNumbers = ['shrink', 'decay', 'beta1', 'rest1', 'beta2', 'rest2', 'rate', 'inverseRoot', 'eps'] as const;
  defineMap(module, 'adam', adam, adamNumbers, (f, { p, grad, m, v }, g) => {
    // (1) weight decay: AdamW shrinks the weight itself, Adam adds to the gradient
    const d = f.let(f.fma(g.decay, p, grad));
    // (2) running means of the gradient and of its square
    const mean = f.let(f.fma(g.beta1, m, g.rest1.mul(d)));
    const square = f.let(f.fma(g.beta2, v, g.rest2.mul(d).mul(d)));
    // (3) the step, with both means corrected for their start at zero
    const step = g.rate.mul(mean).div(f.fma(square.sqrt(), g.inverseRoot, g.eps));
    return { m: mean, v: square, p: p.mul(g.shrink).sub(step) };
  });

  for (const centered of [false, true]) {
    for (const moving of [false, true]) {
      const names = ['p', 'square', ...(centered ? ['mean'] : []), ...(moving ? ['momentum'] : [])];
      const spec = { reads: ['grad', ...names], writes: names, unroll: 2 } as const;
      const numbers = ['rate', 'alpha', 'rest', 'eps', 'decay', 'keep'] as const;
      defineMap(module, rmspropName(centered, moving), spec, numbers, (f, x, g) => {
        const d = f.let(f.fma(g.decay, x.p, x.grad));
        // (1) the running mean of the squared gradient
        const square = f.let(f.fma(g.alpha, x.square, g.rest.mul(d).mul(d)));
        const results: Record<string, F32x4> = { square };
        // (2) centred: minus the square of the running mean, which rounding may make larger
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
        return results;
      });
    }
  }

  const adagrad = { reads: ['p', 'grad', 'square'], writes: ['p', 'square'] } as const;
  defineMap(module, 'adagrad', adagrad, ['rate', 'eps', 'decay'], (f, { p, grad, square }, g) => {
    const d = f.let(f.fma(g.decay, p, grad));
    const sum = f.let(f.fma(d, d, square));
    return { square: sum, p: p.sub(g.rate.mul(d).div(sum.sqrt().add(g.eps))) };
  });

  const adadelta = { reads: ['p', 'grad', 'square', 'delta'], writes: ['p', 'square', 'delta'], unroll: 2 } as const;
  const adadeltaNumbers = ['rate', 'rho', 'rest', 'eps', 'decay'] as const;
  defineMap(module, 'adadelta', adadelta, adadeltaNumbers, (f, { p, grad, square, delta }, g) => {
    const d = f.let(f.fma(g.decay, p, grad));
    // (1) the running mean of the squared gradient
    const mean = f.let(f.fma(g.rho, square, g.rest.mul(d).mul(d)));
    // (2) the step has the size of past steps, not of the gradient
    const step = f.let(delta.add(g.eps).sqrt().div(mean.add(g.eps).sqrt()).mul(d));
    return { square: mean, delta: f.fma(g.rho, delta, g.rest.mul(step).mul(step)), p: f.fnma(g.rate, step, p) };
  });

  const lion = { reads: ['p', 'grad', 'm'], writes: ['p', 'm'] } as const;
  defineMap(module, 'lion', lion, ['shrink', 'rate', 'beta1', 'rest1', 'beta2', 'rest2'], (f, { p, grad, m }, g) => {
    const direction = f.let(f.fma(g.beta1, m, g.rest1.mul(grad)));
    // The rate with the sign of the direction, 0 for 0; NaN stays NaN.
    const zero = F32x4.of(0);
    const sign = direction.bits().and(I32x4.of(0x80000000 | 0));
    const step = direction.eq(zero).select(direction, g.rate.bits().or(sign).asF32x4());
    const safe = direction.eq(direction).select(step, direction);
    return { p: p.mul(g.shrink).sub(safe), m: f.fma(g.beta2, m, g.rest2.mul(grad)) };
  });

  const lamb = { reads: ['p', 'grad', 'm', 'v'], writes: ['u', 'm', 'v'], unroll: 2 } as const;
  const lambNumbers = ['beta1', 'rest1', 'beta2', 'rest2', 'inverse', 'inverseRoot', 'eps', 'decay'] as const;
  defineMap(module, 'lamb', lamb, lambNumbers, (f, { p, grad, m, v }, g) => {
    const mean = f.let(f.fma(g.beta1, m, g.rest1.mul(grad)));
    const square = f.let(f.fma(g.beta2, v, g.rest2.mul(grad).mul(grad)));
    const step = g.inverse.mul(mean).div(f.fma(square.sqrt(), g.inverseRoot, g.eps));
    return { m: mean, v: square, u: f.fma(g.decay, p, step) };
  });

  const blending = { reads: ['y', 'x'], writes: ['y'] } as const;
  defineMap(module, 'blend', blending, ['keep', 'share'], (f, { y, x }, { keep, share }) => ({
    y: f.fma(share, x, keep.mul(y)),
  }));
});

function rmspropName(centered: boolean, moving: boolean): string {
  return `rmsprop${centered ? 'Centered' : ''}${moving ? 'Momentum' : ''}`;
}

export function sgdStep(p: Floats, grad: Floats, momentum: Floats | null, g: SgdGeometry): void {
  const { learningRate, weightDecay, nesterov } = g;
  if (momentum === null) {
    runMap(program, 'sgd', [p, grad], [learningRate, weightDecay]);
    return;
  }
  const keep = g.firstStep ? 0 : g.momentum;
  const take = g.firstStep ? 1 : 1 - g.dampening;
  const [ahead, share] = nesterov ? [g.momentum, 1] : [1, 0];
  runMap(program, 'sgdMomentum', [p, grad, momentum], [learningRate, weightDecay, keep, take, ahead, share]);
}

export function adamStep(p: Floats, grad: Floats, m: Floats, v: Floats, g: AdamGeometry): void {
  const { learningRate, beta1, beta2, eps, weightDecay, decoupled } = g;
  const shrink = decoupled ? 1 - learningRate * weightDecay : 1;
  const decay = decoupled ? 0 : weightDecay;
  const rate = learningRate / g.correction1;
  const inverseRoot = 1 / Math.sqrt(g.correction2);
  const numbers = [shrink, decay, beta1, 1 - beta1, beta2, 1 - beta2, rate, inverseRoot, eps];
  runMap(program, 'adam', [p, grad, m, v], numbers);
}

export function rmspropStep(
  p: Floats,
  grad: Floats,
  square: Floats,
  mean: Floats | null,
  momentum: Floats | null,
  g: RmspropGeometry,
): void {
  const { learningRate, alpha, eps, weightDecay } = g;
  const arrays = [grad, p, square, mean, momentum].filter((array) => array !== null);
  const numbers = [learningRate, alpha, 1 - alpha, eps, weightDecay, g.momentum];
  runMap(program, rmspropName(mean !== null, momentum !== null), arrays, numbers);
}

export function adagradStep(p: Floats, grad: Floats, square: Floats, g: AdagradGeometry): void {
  runMap(program, 'adagrad', [p, grad, square], [g.learningRate, g.eps, g.weightDecay]);
}

export function adadeltaStep(p: Floats, grad: Floats, square: Floats, delta: Floats, g: AdadeltaGeometry): void {
  const { learningRate, rho, eps, weightDecay } = g;
  runMap(program, 'adadelta', [p, grad, square, delta], [learningRate, rho, 1 - rho, eps, weightDecay]);
}

export function lionStep(p: Floats, grad: Floats, m: Floats, g: LionGeometry): void {
  const { learningRate, beta1, beta2, weightDecay } = g;
  const numbers = [1 - learningRate * weightDecay, learningRate, beta1, 1 - beta1, beta2, 1 - beta2];
  runMap(program, 'lion', [p, grad, m], numbers);
}

export function lambDirection(u: Floats, p: Floats, grad: Floats, m: Floats, v: Floats, g: LambGeometry): void {
  const { beta1, beta2, eps, weightDecay } = g;
  const numbers = [
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    1 / g.correction1,
    1 / Math.sqrt(g.correction2),
    eps,
    weightDecay,
  ];
  runMap(program, 'lamb', [p, grad, m, v, u], numbers);
}

export function blend(y: Floats, x: Floats, keep: number, share: number): void {
  runMap(program, 'blend', [y, x], [keep, share]);
}
