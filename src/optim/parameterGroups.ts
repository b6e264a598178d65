import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { Conv2d } from '../layers/conv2d.js';
import { Linear } from '../layers/linear.js';
import type { Module } from '../layers/module.js';
import type { Parameter } from '../tensor/parameter.js';
import { checkRange } from './options.js';

/** A rule of `parameterGroups` for the parameters it matches. */
export interface GroupRule {
  /** Matches parameter names such as 'layer1.0.bn1.weight'. */
  match: RegExp | ((name: string, parameter: Parameter) => boolean);
  /** Multiplies the base learning rate. Default 1. */
  learningRateScale?: number | undefined;
  /** Default: the base weight decay, or 0 for parameters that `decay` excludes. */
  weightDecay?: number | undefined;
}

/**
 * Splits the parameters of a model into groups for an optimizer: no weight decay on biases and norms, plus your own rules.
 *
 * Options: `learningRate` and `weightDecay` of the groups; `decay`, 'weights' (default: only parameters with two or more axes) or 'all';
 * `rules`, where the first match wins. Frozen parameters are included; an optimizer skips them until they are unfrozen.
 *
 * Throws `ArgumentError` for a rule that matches nothing, for options that are unknown, and for numbers out of range.
 *
 * Source: He et al. 2019, "Bag of Tricks" (arXiv:1812.01187), section 3.1, for the decay.
 *
 * @example
 * const rules = [{ match: /^fc\./, learningRateScale: 10 }];
 * new SGD(parameterGroups(model, { learningRate: 0.1, weightDecay: 5e-4, rules }), { learningRate: 0.1, momentum: 0.9 });
 */
export function parameterGroups(
  model: Module,
  options: {
    learningRate: number;
    weightDecay: number;
    decay?: 'weights' | 'all' | undefined;
    rules?: readonly GroupRule[] | undefined;
  },
): { params: Parameter[]; learningRate: number; weightDecay: number }[] {
  checkOptions('parameterGroups', options, ['learningRate', 'weightDecay', 'decay', 'rules']);
  const { learningRate, weightDecay, decay = 'weights', rules = [] } = options;
  for (const rule of rules) checkOptions('parameterGroups', rule, ['match', 'learningRateScale', 'weightDecay']);
  checkRange('parameterGroups', 'learningRate', learningRate, 0, Infinity);
  checkRange('parameterGroups', 'weightDecay', weightDecay, 0, Infinity);
  if (decay !== 'weights' && decay !== 'all') {
    throw new ArgumentError(`parameterGroups: decay is '${decay}', but must be 'weights' or 'all'.`);
  }
  const groups = new Map<string, { params: Parameter[]; learningRate: number; weightDecay: number }>();
  const used = new Set<GroupRule>();
  for (const [name, parameter] of model.namedParameters()) {
    const rule = rules.find(({ match }) =>
      match instanceof RegExp ? name.search(match) >= 0 : match(name, parameter),
    );
    if (rule !== undefined) used.add(rule);
    const own = {
      learningRate: learningRate * (rule?.learningRateScale ?? 1),
      weightDecay: rule?.weightDecay ?? (decay === 'all' || parameter.shape.length > 1 ? weightDecay : 0),
    };
    const key = `${own.learningRate} ${own.weightDecay}`;
    const group = groups.get(key) ?? { params: [], ...own };
    group.params.push(parameter);
    groups.set(key, group);
  }
  const idle = rules.findIndex((rule) => !used.has(rule));
  if (idle >= 0) {
    throw new ArgumentError(
      `parameterGroups: rule ${idle} (${rules[idle].match}) matches no parameter, or only ones that earlier rules match. Names are those of model.namedParameters().`,
    );
  }
  return [...groups.values()];
}

/**
 * Splits the parameters of a model for Muon: `hidden` has the weights of all layers except the last linear one, `head` has that layer's
 * weight, and `others` has biases and norms. Frozen parameters are left out.
 *
 * @example
 * const { hidden, head, others } = muonParameters(model);
 * const optimizer = new CombinedOptimizer([new Muon(hidden), new AdamW([...head, ...others])]);
 */
export function muonParameters(model: Module): { hidden: Parameter[]; head: Parameter[]; others: Parameter[] } {
  let last: Linear | Conv2d | undefined;
  for (const [, module] of model.namedModules()) {
    if (module instanceof Linear || (module instanceof Conv2d && !(last instanceof Linear))) last = module;
  }
  const parts = { hidden: [] as Parameter[], head: [] as Parameter[], others: [] as Parameter[] };
  for (const parameter of model.parameters()) {
    if (!parameter.requiresGrad) continue;
    if (parameter === last?.weight) parts.head.push(parameter);
    else if (parameter.shape.length > 1) parts.hidden.push(parameter);
    else parts.others.push(parameter);
  }
  return parts;
}
