import { expectOwn } from '../base/copies.js';
import { ArgumentError } from '../base/errors.js';
import { listOf } from '../tensor/checkTensor.js';
import { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import type { OptimizerGroup, OptimizerOptions } from './optimizerGroup.js';
import { loadOptimizerState, type OptimizerState, saveOptimizerState } from './optimizerState.js';
import { checkRange, fillOptions, type OptionValue, type SomeOf } from './options.js';
import { ParameterState } from './parameterState.js';

export type { OptimizerGroup, OptimizerOptions } from './optimizerGroup.js';

/** Parameters with their own options. Options that are left out come from the optimizer. */
export type ParameterGroup<O extends OptimizerOptions = OptimizerOptions> = SomeOf<O> & {
  /** The parameters that these options are for. */
  params: Iterable<Parameter>;
};

/** The parameters of a model, `model.parameters()`, or groups of them. */
export type OptimizerParameters<O extends OptimizerOptions = OptimizerOptions> =
  | Iterable<Parameter>
  | readonly ParameterGroup<O>[];

/**
 * Updates parameters with their gradients. An optimizer consists of two methods: `check` validates its options, and `update` makes
 * one step on one parameter.
 *
 * Learning rates and groups: `learningRate` is the base learning rate. You can set it at any time, so a schedule takes one line,
 * `optimizer.learningRate = schedule(step)`. A group with its own learning rate keeps its ratio to the base:
 * with a base of 0.1 and a group of 0.01, setting 0.05 moves the group to 0.005.
 *
 * @example
 * const optimizer = new SGD([{ params: head.parameters() }, { params: body.parameters(), learningRate: 0.01 }], { learningRate: 0.1 });
 * optimizer.learningRate = schedule(step);
 */
export abstract class Optimizer<O extends OptimizerOptions = OptimizerOptions> {
  /** The parameters with their options. */
  readonly groups: readonly OptimizerGroup<O>[];
  #learningRate: number;
  readonly #states = new Map<Parameter, ParameterState>();

  /**
   * `name` appears in messages and saved states. `defaults` names every option; `options` overrides them, and each group
   * overrides both.
   */
  constructor(
    /** The name of the class, which states and messages mention. */
    readonly name: string,
    params: OptimizerParameters<O>,
    options: SomeOf<O>,
    defaults: O,
  ) {
    const base = fillOptions(name, options, defaults);
    this.#checkAll(base);
    this.#learningRate = base.learningRate;
    this.groups = readGroups<O>(name, params).map(({ params: list, ...own }) => {
      const filled = fillOptions(name, own as unknown as SomeOf<O>, base);
      this.#checkAll(filled);
      const { learningRate, ...rest } = filled;
      return { params: list, learningRateScale: proportion(name, learningRate, base.learningRate), options: rest };
    });
    for (const p of this.parameters()) this.#states.set(p, new ParameterState(p));
  }

  /** Throws `ArgumentError` for an option out of range; the learning rate and weight decay have already been checked. */
  protected abstract check(options: O): void;

  /** Makes one step on one parameter. `state.step` is 1 at the first step. */
  protected abstract update(p: Parameter, grad: Tensor, options: O, state: ParameterState): void;

  /** The base learning rate; the learning rates of all groups move with it. */
  get learningRate(): number {
    return this.#learningRate;
  }

  set learningRate(learningRate: number) {
    checkRange(this.name, 'learningRate', learningRate, 0, Infinity);
    this.#learningRate = learningRate;
  }

  /** The parameters of all groups, in order. */
  *parameters(): Generator<Parameter> {
    for (const group of this.groups) yield* group.params;
  }

  /**
   * Updates every parameter with the gradient accumulated since the last step. Parameters that are frozen or that no backward pass
   * has reached since then stay unchanged. You can still read the gradients; the next backward pass starts from zero.
   */
  step(): void {
    for (const group of this.groups) {
      const learningRate = this.#learningRate * group.learningRateScale;
      const options = { ...group.options, learningRate } as O;
      for (const p of group.params) {
        if (!p.requiresGrad || !p.hasFreshGrad) continue;
        const state = this.#states.get(p) as ParameterState;
        state.step++;
        this.update(p, p.grad as Tensor, options, state);
        p.spendGradient();
      }
    }
  }

  /** Clears all gradients. A loop of backward and step does not need it: `step` makes the next backward pass start from zero. */
  zeroGrad(): void {
    for (const p of this.parameters()) p.zeroGrad();
  }

  /** A copy of everything that `step` depends on besides parameters and gradients, as plain values that can be saved. */
  stateDict(): OptimizerState {
    return saveOptimizerState(this.name, this.#learningRate, this.groups, [...this.#states.values()]);
  }

  /**
   * Restores the state that `stateDict()` saved, including options and learning rates. The next steps give the same bytes
   * as without the interruption.
   *
   * Throws `StateDictError` when the state is from another optimizer or does not fit these parameters, `ArgumentError` for
   * an option out of range. Nothing changes then.
   */
  loadStateDict(state: OptimizerState): void {
    loadOptimizerState(this.name, state, this.groups, [...this.#states.values()], (options) =>
      this.#checkAll({ ...options, learningRate: state.learningRate } as unknown as O),
    );
    this.#learningRate = state.learningRate;
  }

  /** Releases the memory of the state now instead of when the optimizer is garbage. The next step starts from scratch. */
  dispose(): void {
    for (const state of this.#states.values()) state.reset();
  }

  #checkAll(options: O): void {
    checkRange(this.name, 'learningRate', options.learningRate, 0, Infinity);
    checkRange(this.name, 'weightDecay', options.weightDecay, 0, Infinity);
    this.check(options);
  }
}

/** The ratio of a group's learning rate to the base. */
function proportion(name: string, learningRate: number, base: number): number {
  if (learningRate === base) return 1;
  if (base > 0) return learningRate / base;
  throw new ArgumentError(
    `${name}: a group has learningRate ${learningRate}, which has no ratio to the base learningRate ${base}. Start from a base above 0 and set optimizer.learningRate afterward.`,
  );
}

type CheckedGroup = { params: Parameter[] } & Record<string, OptionValue>;

function readGroups<O extends OptimizerOptions>(name: string, params: OptimizerParameters<O>): CheckedGroup[] {
  if (typeof (params as Iterable<unknown> | null)?.[Symbol.iterator] !== 'function') {
    throw new ArgumentError(`${name}: params must be iterable: pass model.parameters(), or an array of groups.`);
  }
  const items: unknown[] = [...params];
  const grouped = items.length > 0 && items.every((item) => !(item instanceof Parameter) && isGroup(item));
  const groups = grouped ? (items as CheckedGroup[]) : [{ params: items } as CheckedGroup];
  const seen = new Set<Parameter>();
  const checked = groups.map((group, i) => {
    // A parameter that is listed twice is updated once.
    const list = [...new Set(listOf(name, `params of group ${i}`, group.params, 'Parameter'))];
    for (const p of list) {
      expectOwn(`${name}: group ${i}`, p);
      if (!(p instanceof Parameter)) {
        throw new ArgumentError(`${name}: group ${i} contains something that is not a Parameter (${typeof p}).`);
      }
      if (seen.has(p)) throw new ArgumentError(`${name}: a parameter ${p} is in two groups. Put it in one.`);
      seen.add(p);
    }
    return { ...group, params: list } as CheckedGroup;
  });
  if (seen.size === 0) {
    throw new ArgumentError(
      `${name}: there are no parameters. A generator such as model.parameters() is used up once read.`,
    );
  }
  return checked;
}

function isGroup(item: unknown): boolean {
  const params = (item as { params?: Iterable<unknown> | undefined } | null)?.params;
  return typeof params?.[Symbol.iterator] === 'function';
}
