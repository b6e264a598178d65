import { ArgumentError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import type { Module } from '../layers/module.js';
import { forwardWithStrays, type StrayCall } from '../layers/moduleCalls.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tape } from '../tensor/tape.js';
import type { Tensor } from '../tensor/tensor.js';
import type { AnyOptimizer } from './trainOptions.js';

/**
 * The first forward pass of a training: `model.forward(x)` on an open tape, with a look at what it uses. Later steps go without.
 *
 * Throws `ArgumentError` for a layer or parameter that the model uses but does not hold, and that would so be neither trained nor saved nor
 * switched to evaluation. Frozen parameters and modules in evaluation mode may stay outside.
 */
export function checkedForward(model: Module, x: Tensor, tape: Tape): Tensor {
  const { output, strays } = forwardWithStrays(model, x);
  const own = new Set(model.parameters());
  for (const [parameter, op] of tape.usedParameters()) {
    if (parameter.requiresGrad && !own.has(parameter))
      throw outside(model, describeParameter(model, parameter, op, strays));
  }
  const switched = strays.find(({ readsTraining }) => readsTraining);
  if (switched !== undefined) throw outside(model, describeModule(model, switched));
  return output;
}

/**
 * Throws `ArgumentError` when the optimizer was made before layers were replaced: after the first backward pass it has parameters without a
 * gradient that are not of the model, and lacks some of the model that have one.
 */
export function checkOptimizerIsCurrent(model: Module, optimizer: AnyOptimizer): void {
  const moved = new Set(optimizer.parameters());
  const named = new Map([...model.namedParameters()].map(([name, parameter]) => [parameter, name]));
  const missed = [...named].filter(([p]) => p.requiresGrad && p.hasFreshGrad && !moved.has(p));
  const stale = [...moved].filter((p) => !named.has(p) && !p.hasFreshGrad);
  if (missed.length === 0 || stale.length === 0) return;
  model.zeroGrad();
  const names = missed.slice(0, 3).map(([, name]) => `'${name}'`);
  const more = missed.length > names.length ? ` and ${missed.length - names.length} more` : '';
  throw new ArgumentError(
    `fit: the optimizer does not have ${names.join(', ')}${more} of this ${model.constructor.name}, but ${stale.length} parameters that the model does not use. Make the optimizer after the last change of the model, such as replaceHead.`,
  );
}

/** Throws `ArgumentError` when no parameter of the optimizer is trained. */
export function checkSomethingIsTrained(optimizer: AnyOptimizer): void {
  for (const parameter of optimizer.parameters()) if (parameter.requiresGrad) return;
  throw new ArgumentError(
    'fit: every parameter that the optimizer has is frozen, so no step would change the model. Thaw some, as in head.requiresGrad(true), or make the optimizer with the parameters that are trained.',
  );
}

function outside(model: Module, what: string): ArgumentError {
  return new ArgumentError(
    `fit: ${model.constructor.name} uses ${what}, which is not part of the model: it would be neither trained nor saved, nor switched to evaluation. Private fields such as #conv, variables outside of the class and objects of other classes are not looked into. Put it into a public field, or into an array, plain object, Map or Set there. What should stay outside needs module.requiresGrad(false).eval().`,
  );
}

function describeParameter(model: Module, parameter: Parameter, op: string, strays: readonly StrayCall[]): string {
  const shape = formatShape(parameter.shape);
  // The innermost of those that hold it: they began last.
  for (const stray of [...strays].reverse()) {
    const found = [...stray.module.namedParameters()].find(([, own]) => own === parameter);
    if (found !== undefined) return `${describeModule(model, stray)} with ${found[0]} ${shape}`;
  }
  return `a parameter ${shape} of ${op}`;
}

function describeModule(model: Module, { module, caller }: StrayCall): string {
  const text = String(module);
  const own = text.includes('\n') ? module.constructor.name : text;
  return caller === model ? own : `${own} in a ${caller.constructor.name}`;
}
