import type { Module } from '../../src/layers/module.js';
import { formula } from './formula.js';

/**
 * The same weights as fill.py, each seeded by its place in the state dict: within sqrt(6 / fan in), norms around 1, biases and running
 * means within 0.1, running variances 0.5 to 1.5.
 */
export function fill(model: Module): void {
  let place = 0;
  for (const [key, t] of model.namedTensors()) {
    if (t.shape.length > 1) {
      const bound = Math.sqrt(6 / (t.size / t.shape[0]));
      t.data.set(formula(t.shape, place, -bound, bound));
    } else if (key.endsWith('running_var') || key.endsWith('weight')) t.data.set(formula(t.shape, place, 0.5, 1.5));
    else t.data.set(formula(t.shape, place, -0.1, 0.1));
    place++;
  }
}
