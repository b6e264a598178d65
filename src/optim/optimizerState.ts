import { StateDictError } from '../base/errors.js';
import { formatShape, sameShape } from '../base/shape.js';
import type { OptimizerGroup, OptimizerOptions } from './optimizerGroup.js';
import type { OptionValue } from './options.js';
import type { ParameterState } from './parameterState.js';

/**
 * The state of an optimizer. `tensors` has the form of a module's state dict, so it fits the same files; the rest can be stored as JSON.
 */
export interface OptimizerState {
  /** Its name, such as 'Adam'. */
  optimizer: string;
  /** The base learning rate. */
  learningRate: number;
  /** The options of each group. */
  groups: { learningRateScale: number; size: number; options: Record<string, OptionValue> }[];
  /** The number of steps of each parameter, in the order of the groups. */
  steps: number[];
  /** Keys are the parameter's index and the tensor's name, such as '0.momentum'. Parameters that were never updated have none. */
  tensors: Map<string, { shape: number[]; data: Float32Array }>;
}

/** Copies the whole state. */
export function saveOptimizerState<O extends OptimizerOptions>(
  optimizer: string,
  learningRate: number,
  groups: readonly OptimizerGroup<O>[],
  states: readonly ParameterState[],
): OptimizerState {
  const tensors: OptimizerState['tensors'] = new Map();
  states.forEach((state, i) => {
    for (const [name, t] of state.entries()) {
      tensors.set(`${i}.${name}`, { shape: [...t.shape], data: Float32Array.from(t.data) });
    }
  });
  return {
    optimizer,
    learningRate,
    groups: groups.map(({ learningRateScale, params, options }) => ({
      learningRateScale,
      size: params.length,
      options: structuredClone(options) as unknown as Record<string, OptionValue>,
    })),
    steps: states.map(({ step }) => step),
    tensors,
  };
}

/** Checks all of `saved`, then copies it in. `check` throws for options out of range. */
export function loadOptimizerState<O extends OptimizerOptions>(
  optimizer: string,
  saved: OptimizerState,
  groups: readonly OptimizerGroup<O>[],
  states: readonly ParameterState[],
  check: (options: Record<string, OptionValue>) => void,
): void {
  const problem = misfit(optimizer, saved, groups, states);
  if (problem !== null) {
    throw new StateDictError(`${optimizer}.loadStateDict: the state does not fit: ${problem}. Nothing was loaded.`);
  }
  for (const { options } of saved.groups) check(options);
  groups.forEach((group, i) => {
    group.learningRateScale = saved.groups[i].learningRateScale;
    group.options = structuredClone(saved.groups[i].options) as unknown as Omit<O, 'learningRate'>;
  });
  states.forEach((state, i) => {
    state.reset();
    state.step = saved.steps[i];
  });
  for (const [key, { data }] of saved.tensors) {
    const [i, name] = splitKey(key);
    states[i].tensor(name).data.set(data);
  }
}

/** What is wrong with `saved`, or null. */
function misfit<O extends OptimizerOptions>(
  optimizer: string,
  saved: OptimizerState,
  groups: readonly OptimizerGroup<O>[],
  states: readonly ParameterState[],
): string | null {
  const { groups: savedGroups, steps, tensors, learningRate } = (saved ?? {}) as Partial<OptimizerState>;
  if (!Array.isArray(savedGroups) || !Array.isArray(steps) || !(tensors instanceof Map)) {
    return 'it is not what stateDict() gives: it needs groups, steps and tensors';
  }
  if (!savedGroups.every((group) => typeof group?.options === 'object' && group.options !== null)) {
    return 'a group has no options';
  }
  if (!Number.isFinite(learningRate)) return `its learningRate is ${learningRate}`;
  if (saved.optimizer !== optimizer) return `it was saved by ${saved.optimizer}`;
  const sizes = groups.map(({ params }) => params.length);
  const savedSizes = saved.groups.map(({ size }) => size);
  if (!sameShape(sizes, savedSizes)) {
    return `its groups hold ${formatShape(savedSizes)} parameters, these ${formatShape(sizes)}`;
  }
  for (const [i, group] of saved.groups.entries()) {
    const names = Object.keys(groups[i].options).sort().join(', ');
    const savedNames = Object.keys(group.options).sort().join(', ');
    if (names !== savedNames) return `group ${i} has the options ${savedNames} instead of ${names}`;
    if (!(Number.isFinite(group.learningRateScale) && group.learningRateScale >= 0)) {
      return `group ${i} has learningRateScale ${group.learningRateScale}`;
    }
    for (const [option, value] of Object.entries(group.options)) {
      const own = (groups[i].options as unknown as Record<string, OptionValue>)[option];
      if (!sameKind(own, value))
        return `group ${i} has ${option} ${JSON.stringify(value)}, here it is ${JSON.stringify(own)}`;
    }
  }
  if (saved.steps.length !== states.length) {
    return `it counts the steps of ${saved.steps.length} parameters, here are ${states.length}`;
  }
  const badStep = saved.steps.find((step) => !Number.isInteger(step) || step < 0);
  if (badStep !== undefined) return `a step count is ${badStep}`;
  for (const [key, { shape, data }] of saved.tensors) {
    const [i] = splitKey(key);
    const p = states[i]?.parameter;
    if (p === undefined) return `the tensor '${key}' belongs to no parameter`;
    if (!sameShape(p.shape, shape) || data.length !== p.size) {
      return `the tensor '${key}' has shape ${formatShape(shape)} and ${data.length} values, its parameter ${formatShape(p.shape)}`;
    }
  }
  return null;
}

/** Whether an option could stand for another: a number for a number, two numbers for two. */
function sameKind(own: OptionValue, other: unknown): boolean {
  if (!Array.isArray(own)) return typeof own === typeof other;
  return Array.isArray(other) && other.length === own.length && other.every((n) => typeof n === 'number');
}

function splitKey(key: string): [number, string] {
  const dot = key.indexOf('.');
  return [dot < 1 ? -1 : Number(key.slice(0, dot)), key.slice(dot + 1)];
}
