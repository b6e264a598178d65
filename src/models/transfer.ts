import { Conv2d } from '../layers/conv2d.js';
import { headOf } from '../layers/head.js';
import { Linear } from '../layers/linear.js';
import type { Module } from '../layers/module.js';
import { ArgumentError } from '../tensor/errors.js';
import type { Parameter } from '../tensor/parameter.js';

/** Which parameters: those whose name begins with a string, up to a dot, or matches an expression. */
export type NamePattern = string | RegExp;

/**
 * Gives a model a fresh last layer for another number of classes, and returns that layer. What the model has learned below stays.
 * The head is the last Linear (or Conv2d) of the model; auxiliary heads, in modules whose name begins with 'aux', change with it.
 *
 * Make the optimiser afterwards: the parameters of the old head are gone.
 *
 * Throws `ArgumentError` for a model without such a layer, and for one whose answers do not come from it (`CapsNet`).
 *
 * @example
 * const head = replaceHead(model, 2);
 * freeze(model, /./);
 * head.requiresGrad(true);
 */
export function replaceHead(model: Module, numClasses: number): Module {
  const name = headOf(model, 'replaceHead')[0];
  for (const [child, module] of model.namedChildren()) {
    if (/^aux/i.test(child) && !name.startsWith(`${child}.`)) {
      replaceLayer(model, `${child}.${headOf(module, 'replaceHead')[0]}`, numClasses);
    }
  }
  return replaceLayer(model, name, numClasses);
}

function replaceLayer(model: Module, name: string, outputs: number): Module {
  if (name === '') throw new ArgumentError('replaceHead: the model is its own head; make a new layer instead.');
  const modules = new Map(model.namedModules());
  const old = modules.get(name) as Linear | Conv2d;
  const bias = old.bias !== null;
  const fresh =
    old instanceof Linear
      ? new Linear(old.inFeatures, outputs, { bias })
      : new Conv2d(old.inChannels, outputs, old.kernelSize, old.options);
  fresh.train(old.training);
  // The parent is the longest prefix that names a module: the name of a child may itself hold a dot.
  for (let dot = name.length; dot >= 0; ) {
    dot = name.lastIndexOf('.', dot - 1);
    const parent = dot < 0 ? model : modules.get(name.slice(0, dot));
    if (parent === undefined) continue;
    parent.replaceChild(name.slice(dot + 1), fresh);
    break;
  }
  return fresh;
}

/**
 * Freezes the parameters whose names match, so that training leaves them alone and backward passes skip them; returns their
 * names. `model.requiresGrad(true)` thaws all.
 *
 * Running statistics of batch norms still move in training mode: call `module.eval()` on frozen parts to keep them too.
 *
 * Throws `ArgumentError` when nothing matches.
 *
 * @example
 * freeze(model, /^(conv1|bn1|layer[12])\./);
 */
export function freeze(model: Module, pattern: NamePattern): string[] {
  const frozen = matching(model, pattern, 'freeze');
  for (const [, parameter] of frozen) parameter.requiresGrad = false;
  return frozen.map(([name]) => name);
}

/** A group for an optimiser: parameters, and options of their own. */
export type PatternGroup<O extends object> = O & { params: Parameter[] };

/**
 * Groups of parameters by name for an optimiser, with options of their own, such as a rate. A parameter goes to the first
 * pattern that matches; what is left forms the last group, with the optimiser's own options.
 *
 * Throws `ArgumentError` when a pattern gets no parameter.
 *
 * @example
 * new SGD(parameterGroups(model, [['fc', { learningRate: 0.1 }]]), { learningRate: 0.001, momentum: 0.9 });
 */
export function parameterGroups<O extends object>(
  model: Module,
  groups: readonly (readonly [NamePattern, O])[],
): PatternGroup<Partial<O>>[] {
  const rest = new Map([...model.namedParameters()].map(([name, parameter]) => [parameter, name]));
  const result: PatternGroup<Partial<O>>[] = groups.map(([pattern, options]) => {
    const params = matching(model, pattern, 'parameterGroups')
      .map(([, parameter]) => parameter)
      .filter((parameter) => rest.delete(parameter));
    if (params.length === 0) {
      throw new ArgumentError(
        `parameterGroups: all that ${show(pattern)} matches is in groups before. Change the order.`,
      );
    }
    return { ...options, params };
  });
  if (rest.size > 0) result.push({ params: [...rest.keys()] } as PatternGroup<Partial<O>>);
  return result;
}

function matching(model: Module, pattern: NamePattern, who: string): [string, Parameter][] {
  const named = [...model.namedParameters()];
  const matches = (name: string): boolean =>
    typeof pattern === 'string' ? name === pattern || name.startsWith(`${pattern}.`) : name.search(pattern) !== -1;
  const found = named.filter(([name]) => matches(name));
  if (found.length === 0) {
    const parts = [...new Set(named.map(([name]) => name.split('.')[0]))];
    throw new ArgumentError(`${who}: no parameter matches ${show(pattern)}. The names begin with ${parts.join(', ')}.`);
  }
  return found;
}

function show(pattern: NamePattern): string {
  return typeof pattern === 'string' ? `'${pattern}'` : String(pattern);
}
