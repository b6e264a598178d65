import { ArgumentError } from '../base/errors.js';
import { Conv2d } from '../layers/conv2d.js';
import { headOf } from '../layers/head.js';
import { Linear } from '../layers/linear.js';
import type { Module } from '../layers/module.js';
import type { Parameter } from '../tensor/parameter.js';

/** Which parameters: those whose name begins with a string, up to a dot, or matches an expression. */
export type NamePattern = string | RegExp;

/**
 * Gives a model a fresh last layer for another number of classes, and returns that layer. What the model has learned below stays.
 * The head is the last Linear (or Conv2d) of the model; auxiliary heads, in modules whose name begins with 'aux', change with it.
 *
 * Make the optimizer afterwards: the parameters of the old head are gone.
 *
 * Throws `ArgumentError` for a model without such a layer, and for one whose answers do not come from it (`CapsNet`).
 *
 * @example
 * replaceHead(model, 2);
 * freeze(model); // all but the head
 */
export function replaceHead(model: Module, numClasses: number): Module {
  const heads = headsOf(model, 'replaceHead');
  return heads.map((name) => replaceLayer(model, name, numClasses)).at(-1) as Module;
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
 * names. Without a pattern all but the head is frozen: the layer that `replaceHead` replaces, and those of auxiliary heads.
 * `model.requiresGrad(true)` thaws all.
 *
 * `fit` leaves a frozen batch norm in evaluation mode, so that its running statistics stay as they are too, and one without parameters when
 * the names of its statistics match; see `trainUnfrozen`.
 *
 * Throws `ArgumentError` when nothing matches; without a pattern also for a model without a head.
 *
 * @example
 * freeze(model, /^(conv1|bn1|layer[12])\./);
 */
export function freeze(model: Module, pattern?: NamePattern): string[] {
  const isFrozen = pattern === undefined ? outsideHeads(model) : matcher(pattern, 'freeze');
  const withoutParameters: Module[] = [];
  for (const [prefix, module] of model.namedModules()) {
    const names = [...module.namedBuffers()].map(([name]) => (prefix === '' ? name : `${prefix}.${name}`));
    if (names.length === 0 || !names.every(isFrozen)) continue;
    if (module.parameters().next().done) withoutParameters.push(module);
  }
  const frozen = [...model.namedParameters()].filter(([name]) => isFrozen(name));
  if (frozen.length + withoutParameters.length === 0) {
    if (pattern !== undefined) matching(model, pattern, 'freeze');
    throw new ArgumentError(`freeze: ${model.constructor.name} has nothing but its head. Freeze that by its name.`);
  }
  for (const module of withoutParameters) module.requiresGrad(false);
  for (const [, parameter] of frozen) parameter.requiresGrad = false;
  return frozen.map(([name]) => name);
}

/** Whether a name is not that of a tensor of the head, or of an auxiliary head. */
function outsideHeads(model: Module): (name: string) => boolean {
  const heads = headsOf(model, 'freeze').map((name) => (name === '' ? '' : `${name}.`));
  return (name) => !heads.some((head) => name.startsWith(head));
}

/** The names of the layers that give logits: the last is the head, those before it are of auxiliary heads. */
function headsOf(model: Module, who: string): string[] {
  const name = headOf(model, who)[0];
  const heads: string[] = [];
  for (const [child, module] of model.namedChildren()) {
    if (/^aux/i.test(child) && !name.startsWith(`${child}.`)) heads.push(`${child}.${headOf(module, who)[0]}`);
  }
  return [...heads, name];
}

/** A group for an optimizer: parameters, and options of their own. */
export type PatternGroup<O extends object> = O & {
  /** The parameters of the group. */
  params: Parameter[];
};

/**
 * Groups of parameters by name for an optimizer, with options of their own, such as a rate. A parameter goes to the first
 * pattern that matches; what is left forms the last group, with the optimizer's own options.
 *
 * Throws `ArgumentError` when a pattern gets no parameter.
 *
 * @example
 * new SGD(parameterGroupsByName(model, [['fc', { learningRate: 0.1 }]]), { learningRate: 0.001, momentum: 0.9 });
 */
export function parameterGroupsByName<O extends object>(
  model: Module,
  groups: readonly (readonly [NamePattern, O])[],
): PatternGroup<Partial<O>>[] {
  const rest = new Map([...model.namedParameters()].map(([name, parameter]) => [parameter, name]));
  const result: PatternGroup<Partial<O>>[] = groups.map(([pattern, options]) => {
    const params = matching(model, pattern, 'parameterGroupsByName')
      .map(([, parameter]) => parameter)
      .filter((parameter) => rest.delete(parameter));
    if (params.length === 0) {
      throw new ArgumentError(
        `parameterGroupsByName: all that ${show(pattern)} matches is in groups before. Change the order.`,
      );
    }
    return { ...options, params };
  });
  if (rest.size > 0) result.push({ params: [...rest.keys()] } as PatternGroup<Partial<O>>);
  return result;
}

function matching(model: Module, pattern: NamePattern, who: string): [string, Parameter][] {
  const named = [...model.namedParameters()];
  const matches = matcher(pattern, who);
  const found = named.filter(([name]) => matches(name));
  if (found.length === 0) {
    const parts = [...new Set(named.map(([name]) => name.split('.')[0]))];
    throw new ArgumentError(`${who}: no parameter matches ${show(pattern)}. The names begin with ${parts.join(', ')}.`);
  }
  return found;
}

function matcher(pattern: NamePattern, who: string): (name: string) => boolean {
  if (pattern instanceof RegExp) return (name) => name.search(pattern) !== -1;
  if (typeof pattern !== 'string') {
    throw new ArgumentError(`${who}: the pattern is ${pattern}, but must be a string such as 'layer1' or a RegExp.`);
  }
  return (name) => name === pattern || name.startsWith(`${pattern}.`);
}

function show(pattern: NamePattern): string {
  return typeof pattern === 'string' ? `'${pattern}'` : String(pattern);
}
